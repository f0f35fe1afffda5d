/* conn.h - up to QUEUE answers are made ahead, and sent one after the other. */
#pragma once

#include "head.h"
#include "http.h"
#include "idle.h"
#include "variant.h" /* BODY_MOST TURN_MOST LAST_FIELD */

enum want { WANT_READ, WANT_WRITE, WANT_LINGER, WANT_CLOSE };

enum { QUEUE = 4 };

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
	struct response queue[QUEUE];
	int first, count; /* of the queue, a ring */
	int requests, begun;
	int64_t body; /* bytes that are left of it */
	bool no_more; /* requests: the last one is in the queue, or the client has ended */
	bool gone;    /* the client has ended */
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
