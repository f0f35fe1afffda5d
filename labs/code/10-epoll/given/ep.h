/*
 * ep.h - yours to write: epoll(7) for the sockets of sim.h. The bits EP_IN, EP_OUT, EP_RDHUP,
 * EP_HUP, EP_ONESHOT and EP_ET are in variant.h; they mean what EPOLLIN and the others mean.
 */
#pragma once

#include <stdint.h>

struct ep_event {
	uint32_t events;
	uint64_t data; /* given back as it is */
};

enum { EP_ADD = 1, EP_DEL, EP_MOD };

struct ep *ep_create(void); /* NULL: no memory */

/* 0, or -1 and errno, as epoll_ctl(2). For EP_DEL, wish may be NULL. */
int ep_ctl(struct ep *e, int op, int sock, const struct ep_event *wish);

/* How many events, at most MAX; 0: TIMEOUT_MS are over (0: it does not wait, -1: it waits for
 * ever). */
int ep_wait(struct ep *e, struct ep_event *events, int max, int timeout_ms);

/* No other thread uses E any more. Sockets that are still watched stay open. */
void ep_close(struct ep *e);
