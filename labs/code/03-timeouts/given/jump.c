/* jump.c - the linker sends calls of clock_gettime, gettimeofday and time here (--wrap). What
 * they say about the wall clock is an hour later after SIGUSR1. CLOCK_MONOTONIC does not jump.
 */
#include "times.h"

#include <signal.h>
#include <stddef.h>
#include <sys/time.h>
#include <time.h>

int __real_clock_gettime(clockid_t clock, struct timespec *t);
int __real_gettimeofday(struct timeval *t, void *zone);
int __wrap_clock_gettime(clockid_t clock, struct timespec *t);
int __wrap_gettimeofday(struct timeval *t, void *zone);
time_t __wrap_time(time_t *t);

static volatile sig_atomic_t ahead; /* seconds */

static void on_jump(int signo)
{
	(void)signo;
	ahead = ahead + 3600;
}

void jump_init(void)
{
	struct sigaction jump = {.sa_handler = on_jump};

	sigaction(SIGUSR1, &jump, NULL);
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *t)
{
	int result = __real_clock_gettime(clock, t);

	if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)
		t->tv_sec += ahead;
	return result;
}

int __wrap_gettimeofday(struct timeval *t, void *zone)
{
	int result = __real_gettimeofday(t, zone);

	t->tv_sec += ahead;
	return result;
}

time_t __wrap_time(time_t *t)
{
	struct timespec wall;

	__wrap_clock_gettime(CLOCK_REALTIME, &wall);
	if (t)
		*t = wall.tv_sec;
	return wall.tv_sec;
}
