/*
 * clock: the time. It is read once in each turn of the event loop. Everything in the same turn
 * uses this stored time.
 *
 * Timeouts use the monotonic clock, in milliseconds since some start: a wall clock
 * that is set back does not disturb them.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

struct clock {
	int64_t ms; /* monotonic */
};

extern struct clock now; /* the time at the last clock_update */

void clock_update(void);

#endif
