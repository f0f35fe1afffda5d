/*
 * accept: the listening socket in the loop.
 *
 * It is in epoll unless the process is out of descriptors: accept fails for every
 * newcomer then, and a level-triggered listener would spin. A timer adds it again.
 */
#ifndef EVENT_ACCEPT_H
#define EVENT_ACCEPT_H

#include "event/conn.h"

struct listener {
	int fd; /* owned by the code that opened it */
	/* the callback for a new connection: it sets c->calls and c->owner */
	void (*on_accept)(struct conn *c);
	uint64_t handle; /* its slot while it listens */
	bool listening;  /* it is in epoll */
};

int accept_start(struct listener *l);
void accept_waiting(struct listener *l); /* accepts the clients that are now in its queue */
void accept_stop(struct listener *l);

#endif
