/*
 * accept: listening sockets in the loop.
 *
 * When the process runs out of descriptors, accept fails for every newcomer
 * and a level-triggered listener would spin; so all listeners pause, and a
 * timer resumes them.
 */
#ifndef EVENT_ACCEPT_H
#define EVENT_ACCEPT_H

#include "event/conn.h"

struct listener {
	int fd; /* owned by whoever opened it: it outlives one configuration */
	void (*on_accept)(struct listener *l, struct conn *c); /* c has no calls yet */
	void *owner;
	uint64_t handle; /* its slot while it listens */
	struct list all;
	bool multi;     /* multi_accept: until there are no more */
	bool exclusive; /* EPOLLEXCLUSIVE: several processes wait for this socket */
};

struct accept_stats {
	uint64_t accepted, handled;
};

extern struct accept_stats accept_stats;

void accept_init(int64_t pause_ms); /* accept_mutex_delay */
int accept_start(struct listener *l);
void accept_stop(struct listener *l);

#endif
