/* deadline.c - a treap: a search tree by (due, order), and a heap by a random rank. */
#include "deadline.h"

#include <limits.h>
#include <stddef.h>

static struct deadline *root;
static uint64_t order;
static unsigned random_state = 1;

static bool less(const struct deadline *a, const struct deadline *b)
{
	if (a->due != b->due)
		return a->due < b->due;
	return a->order < b->order;
}

/* The pointer that points to D. */
static struct deadline **link_of(struct deadline *d)
{
	if (!d->up)
		return &root;
	return d->up->left == d ? &d->up->left : &d->up->right;
}

/* Two trees, all of A before all of B, become one below UP. */
static struct deadline *joined(struct deadline *a, struct deadline *b, struct deadline *up)
{
	struct deadline *top = !b || (a && a->rank >= b->rank) ? a : b;

	if (top == NULL)
		return NULL;
	top->up = up;
	if (top == a)
		a->right = joined(a->right, b, a);
	else
		b->left = joined(a, b->left, b);
	return top;
}

/* Raises D over its parent. */
static void rotate(struct deadline *d)
{
	struct deadline *p = d->up, *grand = p->up, **from = link_of(p), *child;

	if (p->left == d) {
		child = p->left = d->right;
		d->right = p;
	} else {
		child = p->right = d->left;
		d->left = p;
	}
	if (child)
		child->up = p;
	p->up = d;
	d->up = grand;
	*from = d;
}

int deadline_set(struct deadline *d, int64_t due)
{
	struct deadline **at = &root, *up = NULL;

	deadline_clear(d);
	random_state = random_state * 1103515245 + 12345;
	*d = (struct deadline){
	    .due = due, .order = ++order, .rank = random_state >> 8, .set = true};
	while (*at) {
		up = *at;
		at = less(d, up) ? &up->left : &up->right;
	}
	*at = d;
	d->up = up;
	while (d->up && d->up->rank < d->rank)
		rotate(d);
	return 0;
}

void deadline_clear(struct deadline *d)
{
	if (!d->set)
		return;
	*link_of(d) = joined(d->left, d->right, d->up);
	d->set = false;
}

static struct deadline *first(void)
{
	struct deadline *d = root;

	while (d && d->left)
		d = d->left;
	return d;
}

struct deadline *deadline_take(int64_t now)
{
	struct deadline *d = first();

	if (!d || d->due > now)
		return NULL;
	deadline_clear(d);
	return d;
}

int deadline_wait(int64_t now)
{
	struct deadline *d = first();
	int64_t left, ms;

	if (!d)
		return -1;
	left = d->due - now;
	if (left <= 0)
		return 0;
	ms = left / TICKS_PER_MS + (left % TICKS_PER_MS != 0);
	return ms > INT_MAX ? INT_MAX : (int)ms;
}

void deadline_end(void)
{
	root = NULL;
}
