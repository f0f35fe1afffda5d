/*
 * timer: something to do when its time has come, at the earliest.
 *
 * Most timeouts are moved into the future again and again and never happen: a
 * keep-alive connection moves its own with every request. So starting a timer
 * that is already queued for an earlier moment only notes the new `due`; the
 * queue learns of it when the earlier moment comes. That makes start and stop
 * O(1) in the common case and O(log n) in the worst.
 *
 *     start ---------> queued(key <= due) --- key comes, due later ---> queued(due)
 *                          |        \
 *                        stop        `------- key comes, due now ----> on_due
 *                          v
 *                   queued, due = never --- key comes ---> out
 *
 * A timer must be removed before its memory goes.
 */
#ifndef EVENT_TIMER_H
#define EVENT_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/heap.h"

#define TIMER_NEVER INT64_MAX

struct timer {
	int64_t due; /* monotonic ms; TIMER_NEVER: not running */
	struct heap_place place;
	void (*on_due)(struct timer *t);
};

void timer_init(struct timer *t, void (*on_due)(struct timer *));
void timer_start(struct timer *t, int64_t ms); /* counted from now; at least 1 */
void timer_stop(struct timer *t);
void timer_remove(struct timer *t);

static inline bool timer_is_running(const struct timer *t)
{
	return t->due != TIMER_NEVER;
}

/* For the loop. */
int timers_next(void); /* ms until the first timer is due, for epoll_wait; -1: there is none */
void timers_run(void); /* calls the timers that are due now */
void timers_fini(void);

#endif
