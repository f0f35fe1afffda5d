/*
 * conn.h - one connection. It never waits: it goes on until the kernel has nothing for it, or
 * until it has had its share, then says what it wants next.
 *
 *              head complete           all sent
 *   WANT_READ ---------------> WANT_WRITE -----> WANT_CLOSE
 *       |                          |                  ^
 *       +--------------------------+------------------+
 *          the client has gone, or something failed
 */
#pragma once

#include "http.h"

enum want { WANT_READ, WANT_WRITE, WANT_CLOSE };

struct conn {
	int fd;
	enum want want;
	bool blocked; /* the kernel will say when to go on; if not, we could go on at once */
	size_t share; /* bytes of its file it may still send in this turn */
	size_t in_length, text_sent;
	struct response response;
	char in[8192];
};

/* Takes over FD. NULL, with FD closed, when there is no memory. */
struct conn *conn_open(int fd);
void conn_step(struct conn *c);
void conn_close(struct conn *c);
