/*
 * conn.h - one connection, which goes on after an answer. It never waits: conn_step goes on until
 * the kernel has no more for it, or until its share is used up, and says what it wants next.
 *
 *     +---------------- sent, and it goes on ---------------+
 *     v                                                     |
 * WANT_READ --- a whole head, or no request at all ---> WANT_WRITE
 *     |                                                     | sent, and it was the last one
 *     |                                                     v
 *     |        the client has left, a call failed       WANT_LINGER
 *     +---------------------> WANT_CLOSE <------------------+
 */
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
	/* LAB-BEGIN 1: what a connection has to know when it goes on */
	bool last;    /* no request comes after the one that is answered */
	int requests; /* that have been answered, or are */
	int turn;     /* answers that it may still begin in this turn */
	int64_t skip; /* bytes of a body that are to be thrown away */
	/* LAB-ELSE
	LAB-END */
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
