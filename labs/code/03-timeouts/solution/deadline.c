/* deadline.c - a queue of deadlines: the first one is found at once, others move in O(log n). */
#include "deadline.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>

/* LAB-BEGIN 1: the queue (about 60 lines) */
/* A heap: heap[i] comes before heap[2 * i] and heap[2 * i + 1]. heap[0] is not used. */
static struct deadline **heap;
static size_t count, room;

static bool before(const struct deadline *a, const struct deadline *b)
{
	return a->due < b->due || (a->due == b->due && a->order < b->order);
}

static void put(size_t place, struct deadline *d)
{
	heap[place] = d;
	d->place = place;
}

/* D takes a place at PLACE or above it. */
static void rise(size_t place, struct deadline *d)
{
	for (; place > 1 && before(d, heap[place / 2]); place /= 2)
		put(place, heap[place / 2]);
	put(place, d);
}

/* D takes a place at PLACE or below it. */
static void sink(size_t place, struct deadline *d)
{
	size_t child;

	for (; (child = 2 * place) <= count; place = child) {
		if (child < count && before(heap[child + 1], heap[child]))
			child++;
		if (before(d, heap[child]))
			break;
		put(place, heap[child]);
	}
	put(place, d);
}

/* It may have to go either way. */
static void settle(size_t place, struct deadline *d)
{
	if (place > 1 && before(d, heap[place / 2]))
		rise(place, d);
	else
		sink(place, d);
}

static bool make_room(void)
{
	size_t wanted = 2 * room + 64;
	struct deadline **h;

	if (count + 1 < room)
		return true;
	h = realloc(heap, wanted * sizeof *h);
	if (!h)
		return false;
	heap = h;
	room = wanted;
	return true;
}
/* LAB-ELSE
LAB-END */

int deadline_set(struct deadline *d, int64_t due)
{
	/* LAB-BEGIN 1: (about 12 lines) */
	static uint64_t order;

	if (!d->place && !make_room())
		return -1;
	d->due = due;
	d->order = ++order;
	if (d->place)
		settle(d->place, d);
	else
		rise(++count, d);
	return 0;
	/* LAB-ELSE
	(void)d, (void)due;
	return -1;
	LAB-END */
}

void deadline_clear(struct deadline *d)
{
	/* LAB-BEGIN 2: (about 10 lines) */
	size_t place = d->place;
	struct deadline *last;

	if (!place)
		return;
	last = heap[count--];
	d->place = 0;
	if (last != d)
		settle(place, last);
	/* LAB-ELSE
	(void)d;
	LAB-END */
}

struct deadline *deadline_take(int64_t now)
{
	/* LAB-BEGIN 1: (about 8 lines) */
	struct deadline *first = count ? heap[1] : NULL;

	if (!first || first->due > now)
		return NULL;
	deadline_clear(first);
	return first;
	/* LAB-ELSE
	(void)now;
	return NULL;
	LAB-END */
}

int deadline_wait(int64_t now)
{
	/* LAB-BEGIN 2: (about 8 lines) */
	int64_t ms;

	if (!count)
		return -1;
	if (heap[1]->due <= now)
		return 0;
	ms = (heap[1]->due - now + TICKS_PER_MS - 1) / TICKS_PER_MS;
	return ms < INT_MAX ? (int)ms : INT_MAX;
	/* LAB-ELSE
	(void)now;
	return INT_MAX;
	LAB-END */
}

void deadline_end(void)
{
	/* LAB-BEGIN 1: */
	free(heap);
	heap = NULL;
	count = room = 0;
	/* LAB-ELSE
	LAB-END */
}
