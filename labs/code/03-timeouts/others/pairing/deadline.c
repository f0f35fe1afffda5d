/* deadline.c - a pairing heap: all links are in the deadlines. */
#include "deadline.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

static struct deadline *top;

static struct deadline *meld(struct deadline *a, struct deadline *b)
{
	if (!a || !b)
		return a ? a : b;
	if (b->due < a->due || (b->due == a->due && b->order < a->order)) {
		struct deadline *swap = a;

		a = b;
		b = swap;
	}
	b->next = a->child;
	if (b->next)
		b->next->from = &b->next;
	b->from = &a->child;
	a->child = b;
	a->next = NULL;
	return a;
}

/* Children in pairs from the left, then all from the right: the usual two passes, without a
 * call of itself. */
static struct deadline *merged(struct deadline *list)
{
	struct deadline *pairs = NULL, *all = NULL;

	while (list) {
		struct deadline *a = list, *b = a->next;

		list = b ? b->next : NULL;
		a->next = NULL;
		if (b)
			b->next = NULL;
		a = meld(a, b);
		a->next = pairs;
		pairs = a;
	}
	while (pairs) {
		struct deadline *rest = pairs->next;

		pairs->next = NULL;
		all = meld(all, pairs);
		pairs = rest;
	}
	return all;
}

static void top_is(struct deadline *d)
{
	top = d;
	if (d)
		d->from = &top;
}

int deadline_set(struct deadline *d, int64_t due)
{
	static uint64_t order;

	deadline_clear(d);
	*d = (struct deadline){.due = due, .order = ++order};
	top_is(meld(top, d));
	return 0;
}

void deadline_clear(struct deadline *d)
{
	struct deadline *children;

	if (d->order == 0)
		return;
	d->order = 0;
	children = merged(d->child);
	d->child = NULL;
	if (d == top) {
		top_is(children);
		return;
	}
	*d->from = d->next;
	if (d->next)
		d->next->from = d->from;
	top_is(meld(top, children));
}

struct deadline *deadline_take(int64_t now)
{
	struct deadline *d = top;

	if (!d || d->due > now)
		return NULL;
	deadline_clear(d);
	return d;
}

int deadline_wait(int64_t now)
{
	if (!top)
		return -1;
	if (top->due <= now)
		return 0;
	if ((top->due - now) / TICKS_PER_MS >= INT_MAX)
		return INT_MAX;
	return (int)((top->due - now - 1) / TICKS_PER_MS + 1);
}

void deadline_end(void)
{
	top = NULL;
}
