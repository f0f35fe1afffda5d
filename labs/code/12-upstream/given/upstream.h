/*
 * upstream.h - the connections to the backend, at most MAX of them. A caller that
 * needs one gets a ticket:
 *
 *	an idle one is there      it is taken
 *	fewer than MAX are open   a new one is opened
 *	else                      the ticket waits in line, at most QUEUE of them
 */
#pragma once

#include "loop.h"

#include <stdbool.h>

struct upstream;
struct ticket;

enum upstream_end {
	UPSTREAM_GOT,     /* the descriptor is yours, until upstream_put */
	UPSTREAM_REFUSED, /* the backend refuses connections */
	UPSTREAM_FULL,    /* QUEUE tickets wait already */
	UPSTREAM_LATE,    /* wait_ms are over */
};

/* To 127.0.0.1:PORT. An idle connection is closed after idle_ms. NULL: there is no memory. */
struct upstream *upstream_create(struct loop *l, int port, int idle_ms, int wait_ms);

/* Closes what is idle and what connects. All tickets have been told or cancelled before, and
 * all descriptors put back. */
void upstream_destroy(struct upstream *u);

/*
 * Asks for a connection; FRESH: not one that was used before. ON is called once, and never
 * before this function returns; the ticket has ended then. REUSED: the connection was used
 * before. FD is non-blocking, and no watch is on it. NULL: there is no memory, and ON is not
 * called.
 */
struct ticket *upstream_get(struct upstream *u, bool fresh,
			    void (*on)(void *arg, enum upstream_end end, int fd, bool reused),
			    void *arg);

/* ON is not called any more. If a connection was opened or taken for it, the next in line gets
 * it, or it becomes idle, or it is closed. */
void upstream_cancel(struct ticket *t);

/* Gives it back. REUSABLE: the whole answer has been read, and nothing else has come; else it
 * is closed. */
void upstream_put(struct upstream *u, int fd, bool reusable);

struct upstream_numbers {
	int open; /* with those that connect */
	int idle, waiting;
};
struct upstream_numbers upstream_numbers(const struct upstream *u);
