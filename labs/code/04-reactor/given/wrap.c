#include "wrap.h"
#include "reactor.h"

#include <signal.h>
#include <sys/epoll.h>
#include <time.h>

int __real_epoll_pwait(int ep, struct epoll_event *events, int most, int ms, const sigset_t *mask);
int __real_epoll_ctl(int ep, int op, int fd, struct epoll_event *event);
int __wrap_epoll_wait(int ep, struct epoll_event *events, int most, int ms);
int __wrap_epoll_pwait(int ep, struct epoll_event *events, int most, int ms, const sigset_t *mask);
int __wrap_epoll_ctl(int ep, int op, int fd, struct epoll_event *event);

struct wrap_numbers wrap_numbers;
static bool fake;
static int64_t fake_now = 1000000;

static int64_t now(void)
{
	struct timespec t;

	if (fake)
		return fake_now;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t (*reactor_now)(void) = now;

void wrap_fake_clock(void)
{
	fake = true;
}

void wrap_clock_move(long ms)
{
	fake_now += ms;
}

/* With the fake clock a wait returns at once, and the time that it would have taken is over. */
int __wrap_epoll_pwait(int ep, struct epoll_event *events, int most, int ms, const sigset_t *mask)
{
	int n;

	wrap_numbers.waits++;
	if (!fake)
		return __real_epoll_pwait(ep, events, most, ms, mask);
	n = __real_epoll_pwait(ep, events, most, 0, mask);
	if (n == 0 && ms > 0)
		fake_now += ms;
	return n;
}

int __wrap_epoll_wait(int ep, struct epoll_event *events, int most, int ms)
{
	return __wrap_epoll_pwait(ep, events, most, ms, NULL);
}

int __wrap_epoll_ctl(int ep, int op, int fd, struct epoll_event *event)
{
	wrap_numbers.ctls++;
	return __real_epoll_ctl(ep, op, fd, event);
}
