/*
 * accept: listening sockets in the loop.
 *
 * Several processes may wait at one socket. A listener is in epoll unless
 *
 *   - the process is out of descriptors: accept fails for every newcomer, and a level-triggered
 *     listener would spin; so all pause, and a timer resumes them;
 *   - the process is out of slots, and others accept from the socket, too: who comes is theirs.
 *     (Alone, it closes idle connections for newcomers, and refuses when there are none.)
 *   - there is an accept mutex, and somebody else has it.
 *
 * Without a mutex the kernel wakes one of those who wait (EPOLLEXCLUSIVE): the first in the
 * order of their registration. So that it is not always the same, a listener goes to the end
 * of the line after some newcomers, and at once when few slots are free.
 *
 * With it, a process tries the lock in each turn and never waits for it. Who has it waits for
 * events and accepts, releases it, and only then does what else has happened. Those who were
 * accepted are greeted at the end of the turn.
 */
#ifndef EVENT_ACCEPT_H
#define EVENT_ACCEPT_H

#include "event/conn.h"

struct shmutex;

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

/* delay_ms: accept_mutex_delay; mutex: NULL without. */
void accept_init(int64_t delay_ms, struct shmutex *mutex);
int accept_start(struct listener *l);
void accept_waiting(struct listener *l); /* those who are in its queue now */
void accept_stop(struct listener *l);

/* Positive: fewer than an eighth are free, and others should accept. */
int64_t accept_disabled(uint32_t slots, uint32_t free);

/* For the loop. */
int accept_before_wait(int wait); /* takes the lock, or not; how long to wait at most */
bool accept_holds_lock(void);
void accept_release_lock(void);
bool accept_is_listener(uint64_t handle);

#endif
