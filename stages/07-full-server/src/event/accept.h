/*
 * accept: accepts connections from the listening sockets, as events of the loop.
 *
 * A listener is in epoll, except while the process has no free descriptor. Then accept fails
 * for every client, and epoll would report the level-triggered listener again and again. So all
 * listeners are removed from epoll, and a timer adds them again later. When no slot is free,
 * the process closes idle connections for new ones. When no connection is idle, it refuses the
 * new ones.
 *
 * If several processes accept from one socket, event/balance.h decides which of them accepts
 * the next connection.
 */
#ifndef EVENT_ACCEPT_H
#define EVENT_ACCEPT_H

#include "event/conn.h"

struct listener {
	/* not owned: conf/listening.h opens the socket, and later configurations may use it too */
	int fd;
	/* the callback for a new connection c; the callback must set c->calls and c->owner */
	void (*on_accept)(struct listener *l, struct conn *c);
	void *owner;
	uint64_t handle; /* the handle of the listener's slot in the connection table */
	struct list all;
	/* connections accepted since the listener moved to the end of the kernel's order */
	int in_turn;
	/* the directive multi_accept: accept until no client waits in the queue */
	bool multi;
	bool shared;    /* other processes accept from this socket, too */
	bool listening; /* the listener is in epoll */
};

struct accept_stats {
	uint64_t accepted, handled;
};

extern struct accept_stats accept_stats;

/* pause_ms: how long accepting stops when no descriptor is free, in ms */
void accept_init(int64_t pause_ms);
int accept_start(struct listener *l);
void accept_waiting(struct listener *l); /* accepts the clients that are in the queue now */
void accept_stop(struct listener *l);

/* The rules for shared listeners, set by the code that decides which process accepts. */
struct accept_rules {
	bool exclusive; /* EPOLLEXCLUSIVE: the kernel wakes only one of the waiting processes */
	void (*before_newcomer)(struct listener *l);
	/* called when no client waits in the queue any more */
	void (*after_newcomers)(struct listener *l);
};

void accept_follow(const struct accept_rules *rules);
/* Adds the shared listeners to epoll if `listen` is true, otherwise removes them. */
void accept_let_shared(bool listen);
/* Moves this process to the end of the order in which the kernel wakes the waiting processes. */
void accept_go_last(struct listener *l);

bool accept_has_shared(void); /* returns true if there are shared listeners */
bool accept_is_paused(void);
/* returns true if there is a free slot, or an idle connection that can be closed */
bool accept_has_room(void);
bool accept_is_listener(uint64_t handle);

#endif
