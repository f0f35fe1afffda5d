#include "idle.h"

#include "limit.h"

#include <stddef.h>
#include <time.h>

static struct idle waiting = {&waiting, &waiting, 0}, lingering = {&lingering, &lingering, 0};

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void idle_end(struct idle *i)
{
	if (!i->next)
		return;
	i->previous->next = i->next;
	i->next->previous = i->previous;
	i->next = i->previous = NULL;
}

static void begin(struct idle *i, struct idle *queue)
{
	idle_end(i);
	*i = (struct idle){queue->previous, queue, now()};
	i->previous->next = i->next->previous = i;
}

void idle_wait(struct idle *i)
{
	begin(i, &waiting);
}

void idle_linger(struct idle *i)
{
	begin(i, &lingering);
}

/* Microseconds until the first of the queue is over. */
static int64_t left(const struct idle *queue, int ms)
{
	if (queue->next == queue)
		return INT64_MAX;
	return queue->next->since + (int64_t)ms * 1000 - now();
}

int idle_next(void)
{
	int64_t a = left(&waiting, keep_ms), b = left(&lingering, LINGER_MS),
		first = a < b ? a : b;

	if (first == INT64_MAX)
		return -1;
	return first <= 0 ? 0 : (int)((first + 999) / 1000);
}

struct idle *idle_over(void)
{
	struct idle *i = left(&waiting, keep_ms) <= 0       ? waiting.next
			 : left(&lingering, LINGER_MS) <= 0 ? lingering.next
							    : NULL;

	if (i)
		idle_end(i);
	return i;
}
