#include "base/clock.h"

#include <time.h>

struct clock now;

static int64_t read_ms(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

void clock_update(void)
{
	now.ms = read_ms(CLOCK_MONOTONIC);
}
