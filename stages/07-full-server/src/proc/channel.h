/*
 * channel: a line between the master and one worker. It carries open files to the worker,
 * which gave up root's rights and could not open them itself. The worker sends back that it
 * serves.
 *
 * A message arrives whole (SOCK_SEQPACKET) or is invalid: too short, of an unknown kind, with
 * a file too few or too many. An invalid message is not mistaken for the end of the
 * connection, and its descriptors are closed. Neither end ever blocks.
 *
 * Only one process has each end open. So when the master has ended, for whatever reason, every
 * worker reads CHANNEL_CLOSED.
 */
#ifndef PROC_CHANNEL_H
#define PROC_CHANNEL_H

#include <limits.h>
#include <stdint.h>

#include "base/str.h"

enum channel_command {
	CHANNEL_LOG = 1, /* write the log of this path to this file from now on */
	CHANNEL_SERVING, /* the worker accepts clients now; the message has no path and no file */
};

struct channel_message {
	uint32_t command;
	char path[PATH_MAX];
};

enum channel_result {
	CHANNEL_MESSAGE,
	CHANNEL_JUNK,
	CHANNEL_EMPTY, /* nothing now */
	CHANNEL_CLOSED,
};

/* The master's end sends the master a SIGIO when a message arrives. The other end is the
 * worker's. */
int channel_open(int ends[2]);

/* Sends a message, with a copy of FD unless FD is -1. Returns -1 with errno; EAGAIN: the worker
 * has not read for a long time. */
int channel_send(int end, enum channel_command command, struct str path, int fd);

/* After CHANNEL_MESSAGE the caller must close *fd, unless it is -1. */
enum channel_result channel_receive(int end, struct channel_message *m, int *fd);

#endif
