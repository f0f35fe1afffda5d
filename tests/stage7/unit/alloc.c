/* The two-level allocator: the example of its description, and what happens without memory. */
#include "mem/alloc.h"

#include <stdint.h>

#include "unit.h"

#ifndef ALLOC_PASS_THROUGH /* there are no lists then */

static size_t list_length(const struct alloc *a, size_t size)
{
	size_t n = 0;

	for (const struct alloc_block *b = a->lists[size / 8 - 1]; b != NULL; b = b->next)
		n++;
	return n;
}

static size_t reserve(const struct alloc *a)
{
	return (size_t)(a->reserve_end - a->reserve);
}

static void cold_start(void)
{
	struct alloc a = {0};

	CHECK(alloc_take(&a, 32) != NULL);
	CHECK_NUMBER(1280, a.heap_size);
	CHECK_NUMBER(19, list_length(&a, 32));
	CHECK_NUMBER(640, reserve(&a));
	CHECK(alloc_take(&a, 64) != NULL);
	CHECK_NUMBER(9, list_length(&a, 64));
	CHECK_NUMBER(0, reserve(&a));
	CHECK(alloc_take(&a, 96) != NULL);
	CHECK_NUMBER(1280 + 3920, a.heap_size);
	CHECK_NUMBER(19, list_length(&a, 96));
	CHECK_NUMBER(2000, reserve(&a));
	alloc_fini(&a);
}

static void rest_is_donated(void)
{
	struct alloc a = {0};
	char *block = alloc_take(&a, 104); /* 20 of 104, then 2080 left: 16 * 128, and 32 */

	CHECK(block != NULL);
	for (int i = 0; i < 16; i++)
		CHECK(alloc_take(&a, 128) != NULL);
	CHECK_NUMBER(32, reserve(&a));
	CHECK(alloc_take(&a, 128) != NULL);
	CHECK_NUMBER(1, list_length(&a, 32));
	alloc_fini(&a);
}

static void classes_and_reuse(void)
{
	struct alloc a = {0};
	size_t sizes[] = {0, 1, 7, 8, 9, 127, 128, 129};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		char *block = alloc_take(&a, sizes[i]);

		CHECK(block != NULL && (uintptr_t)block % 8 == 0);
		memset(block, 'x', sizes[i]);
		alloc_give(&a, block, sizes[i]);
	}
	void *first = alloc_take(&a, 40);

	alloc_give(&a, first, 40);
	CHECK(alloc_take(&a, 33) == first);
	CHECK(alloc_resize(&a, first, 33, 40) == first);
	alloc_fini(&a);
}

static int handler_calls;

static bool handler(size_t wanted)
{
	CHECK(wanted > 0);
	return ++handler_calls < 3;
}

static bool handler_frees(size_t wanted)
{
	(void)wanted;
	alloc_fail_from(0);
	return true;
}

static void without_memory(void)
{
	struct alloc a = {0};
	bool (*before)(size_t);
	char *larger = alloc_take(&a, 96);

	while (reserve(&a) >= 64)
		CHECK(alloc_take(&a, 64) != NULL);
	while (list_length(&a, 64) > 0)
		alloc_take(&a, 64);
	alloc_fail_from(1);
	/* a block of a larger class is cut up */
	size_t larger_ones = list_length(&a, 96);

	CHECK(alloc_take(&a, 64) != NULL);
	CHECK_NUMBER(larger_ones - 1, list_length(&a, 96));
	while (list_length(&a, 96) > 0)
		CHECK(alloc_take(&a, 64) != NULL);
	before = alloc_set_handler(handler);
	CHECK(before == NULL);
	CHECK(alloc_take(&a, 128) == NULL);
	CHECK_NUMBER(3, handler_calls);
	alloc_set_handler(handler_frees);
	CHECK(alloc_take(&a, 128) != NULL);
	CHECK(alloc_set_handler(NULL) == handler_frees);
	(void)larger;
	alloc_fini(&a);
}

#endif

enum { SLOTS = 2000, ROUNDS = 1000000 };

/* Every byte of a block has the block's mark: an overlap would change it. */
static void many_at_random(void)
{
	static struct {
		unsigned char *block;
		size_t size;
	} slots[SLOTS];
	struct alloc a = {0};

	srand(1);
	for (int i = 0; i < ROUNDS; i++) {
		size_t at = (size_t)rand() % SLOTS;

		if (slots[at].block != NULL) {
			CHECK(slots[at].block[0] == at % 251);
			CHECK(slots[at].block[slots[at].size - 1] == at % 251);
			alloc_give(&a, slots[at].block, slots[at].size);
			slots[at].block = NULL;
			continue;
		}
		slots[at].size = 1 + (size_t)rand() % 140;
		slots[at].block = alloc_take(&a, slots[at].size);
		CHECK(slots[at].block != NULL);
		memset(slots[at].block, (int)(at % 251), slots[at].size);
	}
	for (size_t at = 0; at < SLOTS; at++)
		if (slots[at].block != NULL)
			alloc_give(&a, slots[at].block, slots[at].size);
	for (size_t i = 0; i < ALLOC_LISTS; i++)
		CHECK_NUMBER(0, a.live[i]);
	CHECK_NUMBER(0, a.large_live);
	alloc_fini(&a);
}

int main(void)
{
#ifndef ALLOC_PASS_THROUGH
	cold_start();
	rest_is_donated();
	classes_and_reuse();
	without_memory();
#endif
	many_at_random();
	return 0;
}
