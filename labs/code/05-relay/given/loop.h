/*
 * loop.h - one epoll, edge-triggered. Each descriptor is registered once and for everything; an
 * event says "look again", and comes only when something has changed since the last time.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

struct loop;
struct end; /* own.h: one of the two sockets of a session */

/* EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET; relay_ready is called with E. 0; -1 and errno. */
int loop_add(struct loop *l, int fd, struct end *e);

/* Before close: E gets no event any more, of the batch that is being told neither. */
void loop_remove(struct loop *l, int fd, struct end *e);

/* Work that goes on without an event. relay_again is called once for it, in the next turn. */
struct soon {
	struct soon *next;
	bool queued;
};
void loop_soon(struct loop *l, struct soon *s);
void loop_not_soon(struct loop *l, struct soon *s); /* before its memory goes; it may be not queued */

/* Runs until SIGTERM; new clients go to relay_accept, and are non-blocking. */
void loop_run(int listener);

extern volatile sig_atomic_t stopping; /* main.c: SIGTERM came */
