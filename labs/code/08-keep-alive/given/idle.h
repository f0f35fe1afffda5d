/*
 * idle.h - ends connections that do nothing. Two limits, and a queue for each: the one that has
 * begun to wait first is the first that is over.
 */
#pragma once

#include <stdint.h>

enum { LINGER_MS = 2000 };

struct idle {
	struct idle *previous, *next; /* NULL: in no queue */
	int64_t since;
};

/* keep_ms from now on; it begins again with each call. */
void idle_wait(struct idle *i);

/* LINGER_MS from now on. */
void idle_linger(struct idle *i);

void idle_end(struct idle *i); /* it may be in no queue */

/* For the loop: milliseconds until the first one is over, or -1; one that is over, or NULL. */
int idle_next(void);
struct idle *idle_over(void);
