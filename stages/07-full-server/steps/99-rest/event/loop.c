#include "event/loop.h"

#include "event/conn.h"
#include "event/epoll.h"

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
	int count = epoll_take(events, EVENTS_MAX, conn_has_posted() ? 0 : -1);

	for (int i = 0; i < count; i++)
		conn_dispatch(events[i].data.u64, events[i].events);
	conn_run_posted();
}
