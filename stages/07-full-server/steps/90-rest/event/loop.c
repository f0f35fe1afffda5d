#include "event/loop.h"

#include "base/clock.h"
#include "event/conn.h"
#include "event/epoll.h"
#include "event/timer.h"

enum { EVENTS_MAX = 512 };

int loop_init(void)
{
	return epoll_open();
}

void loop_fini(void)
{
	epoll_close();
}

void loop_turn(void)
{
	struct epoll_event events[EVENTS_MAX];
	int wait = conn_has_posted() ? 0 : timers_next();
	int count = epoll_take(events, EVENTS_MAX, wait);

	clock_update();
	for (int i = 0; i < count; i++)
		conn_dispatch(events[i].data.u64, events[i].events);
	timers_run();
	conn_run_posted();
}
