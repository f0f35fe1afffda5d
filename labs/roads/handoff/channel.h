/*
 * channel.h - from the master to one worker, open connections. Each message is one byte, and
 * the kernel puts a copy of the descriptor (SCM_RIGHTS) into the worker's table. Neither end
 * ever waits.
 */
#pragma once

#include <stdbool.h>

/* ENDS[0] is the master's, ENDS[1] the worker's. False, with errno, when the kernel refuses.
 */
bool channel_open(int ends[2]);

/* False with errno EAGAIN: the worker has not taken enough earlier messages. */
bool channel_send(int channel, int fd);

/* The next connection, or -1 with errno. EAGAIN: there is none now. EMFILE: this process has no
 * descriptor for it, and it stays in the channel. */
int channel_receive(int channel);
