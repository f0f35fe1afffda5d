/*
 * accept: listening sockets in the loop.
 *
 * A listener is in epoll unless the process is out of descriptors. Then accept fails for every
 * client, and a level-triggered listener would be reported again and again. So all listeners
 * pause, and a timer resumes them. A process without a free slot closes idle connections for
 * new ones. When none is idle, it refuses the new ones.
 *
 * Where several processes accept from one socket, event/balance.h decides which
 * of them does.
 */
#ifndef EVENT_ACCEPT_H
#define EVENT_ACCEPT_H

#include "event/conn.h"

struct listener {
	int fd; /* not owned: conf/listening.h opened it, and it outlives one configuration */
	/* the callback for a new connection: it sets c->calls and c->owner */
	void (*on_accept)(struct listener *l, struct conn *c);
	void *owner;
	uint64_t handle; /* its slot while it listens */
	struct list all;
	int in_turn;    /* connections accepted since it moved to the end of the kernel's order */
	bool multi;     /* multi_accept: accept until no client waits in the queue */
	bool shared;    /* other processes accept from this socket, too */
	bool listening; /* it is in epoll */
};

struct accept_stats {
	uint64_t accepted, handled;
};

extern struct accept_stats accept_stats;

void accept_init(int64_t pause_ms); /* ms that accepting pauses when no descriptor is left */
int accept_start(struct listener *l);
void accept_waiting(struct listener *l); /* accepts the clients that are now in its queue */
void accept_stop(struct listener *l);

/* For the code that decides which process accepts from shared listeners. */
struct accept_rules {
	bool exclusive; /* of the processes that wait, the kernel wakes one */
	void (*before_newcomer)(struct listener *l);
	/* called when no client waits in the queue for now */
	void (*after_newcomers)(struct listener *l);
};

void accept_follow(const struct accept_rules *rules);
/* true: puts the shared listeners into epoll; false: takes them out */
void accept_let_shared(bool listen);
/* moves this process to the end of the order in which the kernel wakes the waiting processes */
void accept_go_last(struct listener *l);

bool accept_has_shared(void); /* listeners */
bool accept_is_paused(void);
bool accept_has_room(void); /* true: there is a free slot, or an idle connection to close */
bool accept_is_listener(uint64_t handle);

#endif
