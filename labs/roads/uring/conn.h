/*
 * conn.h - one connection. It never waits: it fills in a request for what it wants next, and
 * the kernel carries the request out. conn_done is told the result.
 *
 *              head complete            piece ready           all sent
 *   WANT_READ ---------------> WANT_FILE ---------> WANT_WRITE -----> WANT_CLOSE
 *       |                       |     ^               |    |               ^
 *       |                       |     +---------------+    |               |
 *       |                       |       more of the file   |               |
 *       +-----------------------+--------------------------+---------------+
 *          the client has left, or a call failed
 *
 * While a request is on its way the kernel reads or writes `in` or `piece`: a connection may be
 * closed and freed only between conn_done and conn_ask.
 */
#pragma once

#include "http.h"

#include <linux/io_uring.h>

enum want { WANT_READ, WANT_FILE, WANT_WRITE, WANT_CLOSE };

struct conn {
	int fd;
	enum want want;
	size_t in_length;
	size_t piece_length, piece_sent;
	struct response response;
	char in[8192];
	char piece[32 * 1024]; /* of the answer; no page of it is memory before it is used */
};

/* Takes over FD. Returns NULL, with FD closed, when there is no memory. */
struct conn *conn_open(int fd);
void conn_ask(const struct conn *c, struct io_uring_sqe *request);
void conn_done(struct conn *c, int result);
void conn_close(struct conn *c);
