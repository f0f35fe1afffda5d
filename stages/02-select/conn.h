/*
 * conn.h - one connection. It does one step, then says what it wants to do next. It never
 * decides to wait: the server loop calls the next step when that can succeed.
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
	size_t in_length, text_sent;
	struct response response;
	char in[8192];
};

/* Takes over FD. Returns NULL, with FD closed, when there is no memory. */
struct conn *conn_open(int fd);
void conn_step(struct conn *c);
void conn_close(struct conn *c);
