/*
 * deadline.h - a queue of deadlines: which one is the next? A deadline is part of what it is
 * for (struct conn has one), and one that is all zero is not set. A set or a clear costs O(log
 * n).
 *
 * Times are in ticks, TICKS_PER_MS to a millisecond. The queue has no clock: NOW is an
 * argument.
 */
#pragma once

#include "own.h"

#include <stdint.h>

/* Sets it, or moves it if it is set. 0; -1: there is no memory, and nothing has changed. */
int deadline_set(struct deadline *d, int64_t due);

/* It may be not set. */
void deadline_clear(struct deadline *d);

/* Takes the first one that is due (due <= NOW) out of the queue: it is not set any more. NULL:
 * none. Equal ones come in the order in which they were set; one that is set again goes behind
 * them. */
struct deadline *deadline_take(int64_t now);

/* For poll: milliseconds until the first one is due, rounded up. 0: one is due. -1: none is
 * set. More than INT_MAX is INT_MAX. */
int deadline_wait(int64_t now);

/* Gives all memory back. No deadline is used after it. */
void deadline_end(void);
