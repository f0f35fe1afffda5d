/* buffer.h - a ring of BUFFER bytes between two sockets. It never grows. */
#pragma once

#include "variant.h" /* BUFFER SHARE REFUSED_RESETS */

#include <stddef.h>

struct buffer {
	size_t start, length;
	char bytes[BUFFER];
};

/* One call of the kernel: how many bytes came or went. 0: end of file. -1: errno, EAGAIN too.
 * Call buffer_fill only when there is room, and buffer_drain only when there are bytes. */
int buffer_fill(struct buffer *b, int fd);
int buffer_drain(struct buffer *b, int fd);

extern size_t buffer_moved; /* bytes that have come since the loop has looked */
