/*
 * channel: a connection between the master and one worker. The master sends descriptors of open
 * files to the worker, because the worker has no root rights any more and cannot open these
 * files itself. The worker sends a message as soon as it serves.
 *
 * With SOCK_SEQPACKET, a message arrives as a whole. A message is invalid if it is too short,
 * has an unknown command, or has the wrong number of descriptors. For an invalid message the
 * result is CHANNEL_JUNK, not CHANNEL_CLOSED, and its descriptors are closed. Neither end ever
 * blocks.
 *
 * Each end is open in only one process. So when the master has ended, for any reason, every
 * worker gets CHANNEL_CLOSED.
 */
#ifndef PROC_CHANNEL_H
#define PROC_CHANNEL_H

#include <limits.h>
#include <stdint.h>

#include "base/str.h"

enum channel_command {
	CHANNEL_LOG = 1, /* from now on, write the log with this path to this descriptor */
	/* the worker accepts clients now; the message has no path and no descriptor */
	CHANNEL_SERVING,
};

struct channel_message {
	uint32_t command;
	char path[PATH_MAX];
};

enum channel_result {
	CHANNEL_MESSAGE,
	CHANNEL_JUNK,
	CHANNEL_EMPTY, /* there is no message now */
	CHANNEL_CLOSED,
};

/* ends[0] is for the master, which gets a SIGIO when a message arrives. ends[1] is for the
 * worker. */
int channel_open(int ends[2]);

/* Sends a message, with a copy of `fd` if `fd` is not -1. Returns -1 and sets errno on failure.
 * EAGAIN means that the worker has not read for a long time. */
int channel_send(int end, enum channel_command command, struct str path, int fd);

/* After CHANNEL_MESSAGE the caller must close *fd, unless *fd is -1. */
enum channel_result channel_receive(int end, struct channel_message *m, int *fd);

#endif
