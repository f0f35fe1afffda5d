/*
 * conn.h - one connection. It never decides to wait: it does one step, then says what it wants
 * next, and whoever runs it calls the next step when that can happen.
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
	size_t in_length, text_sent;
	struct response response;
	char in[8192];
};

/* Takes over FD. NULL, with FD closed, when there is no memory. */
struct conn *conn_open(int fd);
void conn_step(struct conn *c);
void conn_close(struct conn *c);
