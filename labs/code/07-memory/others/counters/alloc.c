#include "own.h"

#include <errno.h>

static bool (*ask)(size_t);
static struct chunk *chunks;

static struct chunk *owner(void *p)
{
	struct chunk *c = chunks;

	while (!((char *)p >= c->from && (char *)p < c->to))
		c = c->next;
	return c;
}

static int class_of(size_t n)
{
	int class = 0;

	while ((size_t)(class + 1) * STEP < n)
		class++;
	return class;
}

static void push(int class, void *p)
{
	((struct block *)p)->next = small.lists[class];
	small.lists[class] = p;
}

static void *pop(int class)
{
	struct block *b = small.lists[class];

	if (b)
		small.lists[class] = b->next;
	return b;
}

static int grow(int class)
{
	size_t left = (size_t)(small.reserve_end - small.reserve), size = (size_t)(class + 1) * STEP, n;
	struct chunk *c;

	if (left >= size)
		return 1;
	if (left)
		push(class_of(left), small.reserve);
	small.reserve = small.reserve_end = 0;
	n = small.heap / 16;
	n += (STEP - n % STEP) % STEP;
	n += 2 * size * BATCH;
	c = system_take(n + 32);
	if (c) {
		*c = (struct chunk){chunks, (char *)c + 32, (char *)c + 32 + n, 0};
		chunks = c;
		small.heap += n;
		small.reserve = c->from;
		small.reserve_end = c->to;
		return 1;
	}
	for (int larger = class + 1; larger < LISTS; larger++) {
		char *b = pop(larger);

		if (b) {
			small.reserve = b;
			small.reserve_end = b + (larger + 1) * STEP;
			return 1;
		}
	}
	return 0;
}

static void *attempt(size_t n)
{
	int class;
	size_t size;
	char *block;

	if (n > LARGEST)
		return system_take(n);
	class = class_of(n);
	size = (size_t)(class + 1) * STEP;
	block = pop(class);
	if (!block) {
		int count;

		if (!grow(class))
			return 0;
		block = small.reserve;
		small.reserve += size;
		for (count = 1; count < BATCH && (size_t)(small.reserve_end - small.reserve) >= size; count++) {
			push(class, small.reserve);
			small.reserve += size;
		}
	}
	owner(block)->busy += size;
	return block;
}

void *small_get(size_t n)
{
	int left = TRIES;
	void *p;

	while (!(p = attempt(n)))
		if (!ask || left-- == 0 || !ask(n)) {
			errno = ENOMEM;
			return 0;
		}
	return p;
}

void small_put(void *p, size_t n)
{
	int class;

	if (n > LARGEST) {
		system_give(p);
		return;
	}
	class = class_of(n);
	owner(p)->busy -= (size_t)(class + 1) * STEP;
	push(class, p);
}

size_t small_trim(void)
{
	size_t sum = 0;
	struct chunk *c, **link;

	for (int class = 0; class < LISTS; class++) {
		struct block *keep = 0, *b;

		while ((b = pop(class)))
			if (owner(b)->busy) {
				b->next = keep;
				keep = b;
			}
		while ((b = keep)) {
			keep = b->next;
			push(class, b);
		}
	}
	if (small.reserve != small.reserve_end && !owner(small.reserve)->busy)
		small.reserve = small.reserve_end = 0;
	for (link = &chunks; (c = *link);)
		if (c->busy)
			link = &c->next;
		else {
			*link = c->next;
			sum += (size_t)(c->to - c->from);
			system_give(c);
		}
	small.heap -= sum;
	return sum;
}

bool (*small_on_empty(bool (*handler)(size_t)))(size_t)
{
	bool (*old)(size_t) = ask;

	ask = handler;
	return old;
}
