/* alloc.c - blocks of a few sizes, in free lists. */
#include "own.h"

#include <errno.h>
#include <string.h>

/* LAB-BEGIN 1: which list; blocks above LARGEST; put and get (about 40 lines) */
static bool (*on_empty)(size_t wanted);
static struct chunk *chunks;

static size_t list_of(size_t n)
{
	return n == 0 ? 0 : (n - 1) / STEP;
}

static void list_add(void *at, size_t size)
{
	struct block *b = at;

	b->next = small.lists[list_of(size)];
	small.lists[list_of(size)] = b;
}

static void *list_take(size_t list)
{
	struct block *b = small.lists[list];

	if (b)
		small.lists[list] = b->next;
	return b;
}
/* LAB-ELSE
LAB-END */

/* LAB-BEGIN 2: the reserve, and where more comes from (about 70 lines) */
static size_t reserve_left(void)
{
	return (size_t)(small.reserve_end - small.reserve);
}

/* What is left is smaller than the block that is wanted, and a multiple of STEP. */
static void reserve_donate(void)
{
	if (reserve_left() > 0)
		list_add(small.reserve, reserve_left());
	small.reserve = small.reserve_end = NULL;
}

static bool reserve_from_system(size_t size)
{
	size_t n = 2 * size * BATCH + (small.heap / 16 + STEP - 1) / STEP * STEP;
	struct chunk *c = system_take(sizeof *c + n);

	if (!c)
		return false;
	c->size = n;
	c->next = chunks;
	chunks = c;
	small.heap += n;
	small.reserve = (char *)(c + 1);
	small.reserve_end = small.reserve + n;
	return true;
}

static bool reserve_from_larger(size_t size)
{
	for (size_t list = list_of(size) + 1; list < LISTS; list++) {
		char *b = list_take(list);

		if (!b)
			continue;
		small.reserve = b;
		small.reserve_end = b + (list + 1) * STEP;
		return true;
	}
	return false;
}

/* Up to BATCH blocks of this size leave the reserve: the first one is returned. */
static void *reserve_cut(size_t size)
{
	size_t n = reserve_left() / size;
	char *first = small.reserve;

	if (n > BATCH)
		n = BATCH;
	small.reserve += n * size;
	for (size_t i = n; i-- > 1;)
		list_add(first + i * size, size);
	return first;
}

static void *refill(size_t size)
{
	if (reserve_left() < size) {
		reserve_donate();
		if (!reserve_from_system(size) && !reserve_from_larger(size))
			return NULL;
	}
	return reserve_cut(size);
}
/* LAB-ELSE
LAB-END */

/* LAB-BEGIN 3: one try, and the handler (about 25 lines) */
static void *get_once(size_t n)
{
	void *block;

	if (n > LARGEST)
		return system_take(n);
	block = list_take(list_of(n));
	return block ? block : refill((list_of(n) + 1) * STEP);
}
/* LAB-ELSE
LAB-END */

void *small_get(size_t n)
{
	/* LAB-BEGIN 3 */
	for (int tries = 0;; tries++) {
		void *block = get_once(n);

		if (block)
			return block;
		if (!on_empty || tries == TRIES || !on_empty(n)) {
			errno = ENOMEM;
			return NULL;
		}
	}
	/* LAB-ELSE
	(void)n;
	errno = ENOMEM;
	return NULL;
	LAB-END */
}

void small_put(void *block, size_t n)
{
	/* LAB-BEGIN 1 */
	if (n > LARGEST)
		system_give(block);
	else
		list_add(block, n);
	/* LAB-ELSE
	(void)block, (void)n;
	LAB-END */
}

bool (*small_on_empty(bool (*handler)(size_t wanted)))(size_t wanted)
{
	/* LAB-BEGIN 3 */
	bool (*before)(size_t) = on_empty;

	on_empty = handler;
	return before;
	/* LAB-ELSE
	(void)handler;
	return NULL;
	LAB-END */
}

/* LAB-BEGIN 6: which chunks are idle, and their blocks off the lists (about 60 lines) */
static struct chunk *chunk_of(const void *byte)
{
	for (struct chunk *c = chunks; c; c = c->next)
		if ((const char *)byte >= (char *)(c + 1) && (const char *)byte < (char *)(c + 1) + c->size)
			return c;
	return NULL;
}

static void count_idle(void)
{
	for (struct chunk *c = chunks; c; c = c->next)
		c->idle = 0;
	for (size_t i = 0; i < LISTS; i++)
		for (struct block *b = small.lists[i]; b; b = b->next)
			chunk_of(b)->idle += (i + 1) * STEP;
	if (reserve_left() > 0)
		chunk_of(small.reserve)->idle += reserve_left();
}

static bool is_idle(const void *byte)
{
	const struct chunk *c = chunk_of(byte);

	return c->idle == c->size;
}

static void forget_idle_blocks(void)
{
	for (size_t i = 0; i < LISTS; i++)
		for (struct block **at = &small.lists[i]; *at;) {
			if (is_idle(*at))
				*at = (*at)->next;
			else
				at = &(*at)->next;
		}
	if (reserve_left() > 0 && is_idle(small.reserve))
		small.reserve = small.reserve_end = NULL;
}
/* LAB-ELSE
LAB-END */

size_t small_trim(void)
{
	/* LAB-BEGIN 6 */
	size_t before = small.heap;

	count_idle();
	forget_idle_blocks();
	for (struct chunk **at = &chunks; *at;) {
		struct chunk *c = *at;

		if (c->idle < c->size) {
			at = &c->next;
			continue;
		}
		*at = c->next;
		small.heap -= c->size;
		system_give(c);
	}
	return before - small.heap;
	/* LAB-ELSE
	return 0;
	LAB-END */
}
