/*
 * channel: a line between the master and one worker. It carries open files to
 * the worker, who gave up root's rights and could not open them, and back the
 * word that he serves.
 *
 * A message arrives whole (SOCK_SEQPACKET) or is junk: cut short, of no kind
 * that we know, with a file too few or too many. Junk is told from the end of the
 * line, and what descriptors it brought are closed. Neither end ever blocks.
 *
 * Each end is held by one process alone. So when the master is gone, however
 * it died, every worker reads CHANNEL_CLOSED.
 */
#ifndef PROC_CHANNEL_H
#define PROC_CHANNEL_H

#include <limits.h>
#include <stdint.h>

#include "base/str.h"

enum channel_command {
	CHANNEL_LOG = 1, /* the log of this path goes on in this file */
	CHANNEL_SERVING, /* who comes is accepted; without path and file */
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

/* The master's end, which sends it a SIGIO when something arrives, and the worker's end. */
int channel_open(int ends[2]);

/* A copy of FD travels; -1: none. -1: errno; EAGAIN: the worker has not read for long. */
int channel_send(int end, enum channel_command command, struct str path, int fd);

/* After CHANNEL_MESSAGE *fd is the caller's to close, unless it is -1. */
enum channel_result channel_receive(int end, struct channel_message *m, int *fd);

#endif
