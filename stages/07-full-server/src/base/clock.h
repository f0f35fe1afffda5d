/*
 * clock: the time, read once in each turn of the event loop and kept.
 *
 * Two clocks that must not be mixed: timeouts use the monotonic one, in
 * milliseconds since some start, and a wall clock set back does not disturb
 * them; dates that people read use the wall clock. The texts are made once a
 * second, however many responses carry them.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

#include "base/str.h"

struct clock {
	int64_t ms;            /* monotonic */
	int64_t wall_ms;       /* since 1970 */
	time_t second;         /* wall_ms without its fraction */
	struct str http_date;  /* Sun, 06 Nov 1994 08:49:37 GMT */
	struct str log_local;  /* 06/Nov/1994:09:49:37 +0100 */
	struct str iso8601;    /* 1994-11-06T09:49:37+01:00 */
	struct str error_time; /* 1994/11/06 09:49:37 */
};

extern struct clock now; /* as of the last clock_update */

void clock_update(void);

enum { HTTP_DATE_LEN = 29 };

char *put_http_date(char *to, time_t t);
/* reads the three date forms of RFC 9110; -1: it is no date */
time_t http_date_parse(struct str text);

#endif
