/*
 * clock: the time. It is read once in each turn of the event loop. Everything in the same turn
 * uses this stored time.
 *
 * There are two clocks, and their values must not be mixed. Timeouts use the monotonic clock,
 * which counts milliseconds from some start, so they stay correct when the wall clock is set
 * back. Dates that people read use the wall clock. The texts of the dates are made once per
 * second, not once per response.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

#include "base/str.h"

struct clock {
	int64_t ms;            /* monotonic */
	int64_t wall_ms;       /* since 1970 */
	time_t second;         /* wall_ms in whole seconds */
	struct str http_date;  /* Sun, 06 Nov 1994 08:49:37 GMT */
	struct str log_local;  /* 06/Nov/1994:09:49:37 +0100 */
	struct str iso8601;    /* 1994-11-06T09:49:37+01:00 */
	struct str error_time; /* 1994/11/06 09:49:37 */
};

extern struct clock now; /* the time at the last clock_update */

void clock_update(void);

enum { HTTP_DATE_LEN = 29 };

char *put_http_date(char *to, time_t t);
/* Reads the three date forms of RFC 9110. Returns -1 if the text is not a date. */
time_t http_date_parse(struct str text);

#endif
