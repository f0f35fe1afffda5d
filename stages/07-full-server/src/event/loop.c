#include "event/loop.h"

#include <errno.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "event/accept.h"
#include "event/conn.h"
#include "event/timer.h"

enum { EVENTS_MAX = 512 };

static int epoll_fd = -1;

int loop_init(void)
{
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	return epoll_fd < 0 ? -1 : 0;
}

void loop_fini(void)
{
	close(epoll_fd);
	epoll_fd = -1;
}

static int control(int operation, int fd, uint64_t handle, uint32_t events)
{
	struct epoll_event e = {.events = events, .data.u64 = handle};

	if (epoll_ctl(epoll_fd, operation, fd, &e) == 0)
		return 0;
	log_errno(log_main, LOG_ALERT, "epoll_ctl(fd=%d)", fd);
	return -1;
}

int loop_add(int fd, uint64_t handle, uint32_t events)
{
	return control(EPOLL_CTL_ADD, fd, handle, events);
}

int loop_change(int fd, uint64_t handle, uint32_t events)
{
	return control(EPOLL_CTL_MOD, fd, handle, events);
}

void loop_remove(int fd)
{
	control(EPOLL_CTL_DEL, fd, 0, 0);
}

/* Newcomers come before everything else: until they are accepted, nobody else may accept. */
static void accept_first(struct epoll_event *events, int count)
{
	for (int i = 0; i < count; i++) {
		if (!accept_is_listener(events[i].data.u64))
			continue;
		conn_dispatch(events[i].data.u64, events[i].events);
		events[i].events = 0; /* it has been told */
	}
	accept_release_lock();
}

void loop_turn(void)
{
	struct epoll_event events[EVENTS_MAX];
	int wait = accept_before_wait(conn_has_posted() ? 0 : timers_next());
	int count = epoll_wait(epoll_fd, events, EVENTS_MAX, wait);

	if (count < 0 && errno != EINTR)
		log_errno(log_main, LOG_ALERT, "epoll_wait");
	clock_update();
	if (accept_holds_lock())
		accept_first(events, count);
	for (int i = 0; i < count; i++)
		conn_dispatch(events[i].data.u64, events[i].events);
	timers_run();
	conn_run_posted();
}
