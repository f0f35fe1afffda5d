#include "event/timer.h"

#include <limits.h>

#include "base/clock.h"
#include "base/list.h"
#include "log.h"

static struct heap queue;

static struct timer *timer_of(struct heap_place *place)
{
	return CONTAINER_OF(place, struct timer, place);
}

void timer_init(struct timer *t, void (*on_due)(struct timer *))
{
	*t = (struct timer){.due = TIMER_NEVER, .on_due = on_due};
}

void timer_start(struct timer *t, int64_t ms)
{
	/* a timer is never due in the same call of timers_run, because that call would not
	 * end */
	t->due = now.ms + (ms > 0 ? ms : 1);
	if (!heap_has(&t->place)) {
		if (heap_add(&queue, &t->place, t->due) < 0)
			log_line("a timer is lost: no memory");
	} else if (heap_key(&queue, &t->place) > t->due) {
		heap_change(&queue, &t->place, t->due);
	}
}

void timer_stop(struct timer *t)
{
	t->due = TIMER_NEVER;
}

static void take_out(struct timer *t)
{
	heap_remove(&queue, &t->place);
}

void timer_remove(struct timer *t)
{
	t->due = TIMER_NEVER;
	if (heap_has(&t->place))
		take_out(t);
}

int timers_next(void)
{
	struct heap_entry *first = heap_top(&queue);
	int64_t wait;

	if (first == NULL)
		return -1;
	wait = first->key - now.ms;
	if (wait < 0)
		return 0;
	return wait < INT_MAX ? (int)wait : INT_MAX;
}

void timers_run(void)
{
	int64_t moment = now.ms; /* a callback that takes long may change `now` */
	struct heap_entry *first;

	while ((first = heap_top(&queue)) != NULL && first->key <= moment) {
		struct timer *t = timer_of(first->place);

		if (t->due > moment && t->due != TIMER_NEVER) {
			heap_change(&queue, &t->place, t->due);
			continue;
		}
		take_out(t);
		if (t->due != TIMER_NEVER) {
			t->due = TIMER_NEVER;
			t->on_due(t);
		}
	}
}

void timers_fini(void)
{
	heap_fini(&queue);
}
