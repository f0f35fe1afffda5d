/*
 * conn.h - one connection of stage 3, with a deadline. Sockets do not block here: a step that
 * cannot go on moves nothing, and is called again later.
 *
 *              head complete           all sent
 *   WANT_READ ---------------> WANT_WRITE -----> WANT_CLOSE
 *       |   conn_late  ----------^ |                  ^
 *       +--------------------------+------------------+
 *          the client has left, or a call failed
 */
#pragma once

#include "deadline.h"
#include "http.h"

#include <stddef.h>

enum want { WANT_READ, WANT_WRITE, WANT_CLOSE };

struct conn {
	int fd;
	enum want want;
	bool moved; /* the last step has read or sent at least one byte */

	struct deadline deadline; /* these two are for server.c */
	size_t place;             /* its entry in polls and conns */

	size_t in_length, text_sent;
	struct response response;
	char in[8192];
};

/* Takes over FD. Returns NULL, with FD closed, when there is no memory. */
struct conn *conn_open(int fd);
void conn_step(struct conn *c);

/* Its head comes too late: makes the answer LATE_STATUS; WANT_WRITE. */
void conn_late(struct conn *c);

void conn_close(struct conn *c);
void conn_reset(struct conn *c); /* closes with a reset: what it has not taken is thrown away */

/* The connection that has this deadline. */
static inline struct conn *conn_of(struct deadline *d)
{
	return (struct conn *)((char *)d - offsetof(struct conn, deadline));
}
