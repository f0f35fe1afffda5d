/* conn.h - the buffer has a cursor: what is before IN_START is done with. Lingering is reading
 * for a connection that has CLOSING set, so there is no state of its own. */
#pragma once

#include "head.h"
#include "http.h"
#include "idle.h"
#include "variant.h" /* BODY_MOST TURN_MOST LAST_FIELD */

enum want { WANT_READ, WANT_WRITE, WANT_LINGER, WANT_CLOSE };

struct conn {
	/* for server.c */
	int fd;
	enum want want;
	bool blocked; /* the kernel said EAGAIN; epoll will report when to go on */
	struct watch *watch;
	struct idle idle;

	/* yours */
	size_t share; /* bytes that it may still move in this turn */
	size_t in_length, text_sent;
	struct response response;
	size_t in_start;
	int requests, budget;
	int64_t ignore; /* bytes to come that belong to a body */
	bool final, closing;
	char in[HEAD_MOST];
};

/* Takes over FD. Returns NULL, with FD closed, when there is no memory. */
struct conn *conn_open(int fd);
void conn_step(struct conn *c);
void conn_close(struct conn *c);

static inline struct conn *conn_of(struct idle *i)
{
	return (struct conn *)((char *)i - offsetof(struct conn, idle));
}
