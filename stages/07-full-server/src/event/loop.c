#include "event/loop.h"

#include "base/clock.h"
#include "event/conn.h"
#include "event/timer.h"

enum { EVENTS_MAX = 512 };

static struct list hooks;
static int left; /* events of this turn that have not been handled yet */

int loop_init(void)
{
	list_init(&hooks);
	return epoll_open();
}

void loop_fini(void)
{
	epoll_close();
}

void loop_add_hook(struct loop_hook *h)
{
	list_add_last(&hooks, &h->all);
}

static int before_wait(int wait)
{
	LIST_EACH(link, &hooks) {
		const struct loop_hook *h = CONTAINER_OF(link, struct loop_hook, all);

		if (h->before_wait != NULL)
			wait = h->before_wait(wait);
	}
	return wait;
}

static void before_events(struct epoll_event *events, int count)
{
	LIST_EACH(link, &hooks) {
		const struct loop_hook *h = CONTAINER_OF(link, struct loop_hook, all);

		if (h->before_events != NULL)
			h->before_events(events, count);
	}
}

bool loop_has_more(void)
{
	return left > 0 || conn_has_posted();
}

/* Returns the shorter of two waiting times in ms. -1 means "for ever", so it is longer than all
 * other times. */
static int shorter(int a, int b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

void loop_turn(void)
{
	struct epoll_event events[EVENTS_MAX];
	int wait = before_wait(conn_has_posted() ? 0 : -1);
	/* the hooks are called before timers_next, because a hook may start a timer */
	int count = epoll_take(events, EVENTS_MAX, shorter(wait, timers_next()));

	clock_update();
	before_events(events, count);
	for (left = count; left > 0;) {
		const struct epoll_event *e = &events[count - left--];

		conn_dispatch(e->data.u64, e->events);
	}
	timers_run();
	conn_run_posted();
}
