#include "own.h"

#include <errno.h>

/* Chunks in a list; trim cuts each list into what stays and what goes, chunk by chunk. */
static struct chunk *all;
static bool (*on_none)(size_t);

static bool inside(struct chunk *c, void *p)
{
	return c->from <= (char *)p && (char *)p < c->to;
}

static size_t round_up(size_t n, size_t to)
{
	return (n + to - 1) / to * to;
}

static struct block **list(size_t size)
{
	return &small.lists[size / STEP - 1];
}

static void add(char *at, size_t size)
{
	struct block *b = (struct block *)at;

	b->next = *list(size);
	*list(size) = b;
}

static bool refill(size_t size)
{
	size_t left = (size_t)(small.reserve_end - small.reserve), n;
	struct chunk *c;

	if (left >= size)
		return true;
	if (left)
		add(small.reserve, left);
	small.reserve = small.reserve_end;
	n = size * BATCH * 2 + round_up(small.heap / 16, STEP);
	if ((c = system_take(n + 32))) {
		c->from = (char *)c + 32;
		c->to = c->from + n;
		c->next = all;
		all = c;
		small.heap += n;
		small.reserve = c->from;
		small.reserve_end = c->to;
		return true;
	}
	for (n = size + STEP; n <= LARGEST; n += STEP)
		if (*list(n)) {
			small.reserve = (char *)*list(n);
			*list(n) = (*list(n))->next;
			small.reserve_end = small.reserve + n;
			return true;
		}
	return false;
}

static void *try(size_t n)
{
	size_t size = round_up(n ? n : 1, STEP);
	char *first;

	if (n > LARGEST)
		return system_take(n);
	if (!*list(size)) {
		if (!refill(size))
			return 0;
		for (int i = 0; i < BATCH && (size_t)(small.reserve_end - small.reserve) >= size; i++) {
			add(small.reserve, size);
			small.reserve += size;
		}
	}
	first = (char *)*list(size);
	*list(size) = (*list(size))->next;
	return first;
}

void *small_get(size_t n)
{
	void *p = try(n);

	for (int i = 0; !p && i < TRIES && on_none && on_none(n); i++)
		p = try(n);
	if (!p)
		errno = ENOMEM;
	return p;
}

void small_put(void *block, size_t n)
{
	if (n <= LARGEST)
		add(block, round_up(n ? n : 1, STEP));
	else
		system_give(block);
}

static size_t idle(struct chunk *c)
{
	size_t sum = inside(c, small.reserve) ? (size_t)(small.reserve_end - small.reserve) : 0;

	for (size_t size = STEP; size <= LARGEST; size += STEP)
		for (struct block *b = *list(size); b; b = b->next)
			sum += inside(c, b) ? size : 0;
	return sum;
}

static void drop(struct chunk *c)
{
	for (size_t size = STEP; size <= LARGEST; size += STEP)
		for (struct block **b = list(size); *b;)
			if (inside(c, *b))
				*b = (*b)->next;
			else
				b = &(*b)->next;
	if (inside(c, small.reserve))
		small.reserve = small.reserve_end = 0;
	small.heap -= (size_t)(c->to - c->from);
	system_give(c);
}

size_t small_trim(void)
{
	size_t before = small.heap;
	struct chunk *left = all, *c;

	all = 0;
	while ((c = left)) {
		left = c->next;
		if (idle(c) == (size_t)(c->to - c->from))
			drop(c);
		else {
			c->next = all;
			all = c;
		}
	}
	return before - small.heap;
}

bool (*small_on_empty(bool (*h)(size_t)))(size_t)
{
	bool (*was)(size_t) = on_none;

	on_none = h;
	return was;
}
