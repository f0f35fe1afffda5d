/*
 * conn.h - one connection. It never waits: it goes on until the kernel says EAGAIN, or until it
 * has had its share, then says what it wants to do next.
 *
 *              head complete           all sent
 *   WANT_READ ---------------> WANT_WRITE -----> WANT_CLOSE
 *       |                          |                  ^
 *       +--------------------------+------------------+
 *          the client has left, or a call failed
 */
#pragma once

#include "http.h"

enum want { WANT_READ, WANT_WRITE, WANT_CLOSE };

struct conn {
	int fd;
	enum want want;
	bool blocked; /* the kernel said EAGAIN; epoll will report when to go on */
	size_t share; /* bytes of its file that it may still send in this turn */
	size_t in_length, text_sent;
	struct response response;
	char in[8192];
};

/* Takes over FD. Returns NULL, with FD closed, when there is no memory. */
struct conn *conn_open(int fd);
void conn_step(struct conn *c);
void conn_close(struct conn *c);
