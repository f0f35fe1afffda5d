/*
 * net: reading from sockets and sending to them. All of them are non-blocking.
 */
#ifndef IO_NET_H
#define IO_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum io_result {
	IO_OK,
	IO_AGAIN, /* not now: wait for the event */
	IO_EOF,   /* the peer will send nothing more */
	IO_ERROR, /* errno says what */
};

enum io_result net_read(int fd, char *to, size_t n, size_t *got);
/* `more`: the next bytes follow at once, so the kernel may wait for them. */
enum io_result net_write(int fd, const char *bytes, size_t n, bool more, size_t *sent);

/* An error also when the file has ended before n bytes: the client was promised its length, and
 * must not take what it got for the whole. */
enum io_result net_send_file(int fd, int file, off_t from, size_t n, size_t *sent);

#endif
