/*
 * accept: listening sockets in the loop.
 *
 * A listener is in epoll unless the process is out of descriptors: accept fails
 * for every newcomer then, and a level-triggered listener would spin. So all
 * pause, and a timer resumes them. A process without a free slot closes idle
 * connections for newcomers, and refuses them when there are none.
 *
 * Where several processes accept from one socket, event/balance.h decides which
 * of them does.
 */
#ifndef EVENT_ACCEPT_H
#define EVENT_ACCEPT_H

#include "event/conn.h"

struct listener {
	int fd; /* owned by whoever opened it: it outlives one configuration */
	void (*on_accept)(struct listener *l, struct conn *c); /* sets c's calls and owner */
	void *owner;
	uint64_t handle; /* its slot while it listens */
	struct list all;
	int in_turn;    /* newcomers since it went to the end of the line */
	bool multi;     /* multi_accept: until there are no more */
	bool shared;    /* other processes accept from this socket, too */
	bool listening; /* it is in epoll */
};

struct accept_stats {
	uint64_t accepted, handled;
};

extern struct accept_stats accept_stats;

void accept_init(int64_t pause_ms); /* without descriptors, for so long */
int accept_start(struct listener *l);
void accept_waiting(struct listener *l); /* those who are in its queue now */
void accept_stop(struct listener *l);

/* For those who decide about shared listeners. */
struct accept_rules {
	bool exclusive; /* of the processes that wait, the kernel wakes one */
	void (*before_newcomer)(struct listener *l);
	void (*after_newcomers)(struct listener *l); /* for now there are no more */
};

void accept_follow(const struct accept_rules *rules);
void accept_let_shared(bool listen);     /* in epoll, or out of it */
void accept_greet_later(bool later);     /* newcomers are told at the end of the turn */
void accept_go_last(struct listener *l); /* of all processes that wait at its socket */

bool accept_has_shared(void); /* listeners */
bool accept_is_paused(void);
bool accept_has_room(void); /* for a newcomer: a free slot, or one that can be had */
bool accept_is_listener(uint64_t handle);

#endif
