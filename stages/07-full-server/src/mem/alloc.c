#include "mem/alloc.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct alloc alloc_main;

static bool (*out_of_memory)(size_t wanted);
static size_t calls_before_failure;

bool (*alloc_set_handler(bool (*handler)(size_t wanted)))(size_t wanted)
{
	bool (*before)(size_t) = out_of_memory;

	out_of_memory = handler;
	return before;
}

void alloc_fail_from(size_t kth)
{
	calls_before_failure = kth;
}

static void *system_malloc(size_t n)
{
	if (calls_before_failure == 1) {
		errno = ENOMEM;
		return NULL;
	}
	if (calls_before_failure > 1)
		calls_before_failure--;
	return malloc(n);
}

void *alloc_large(size_t n)
{
	void *block = system_malloc(n);

	for (int tries = 0; block == NULL && tries < ALLOC_RETRIES; tries++) {
		if (out_of_memory == NULL || !out_of_memory(n))
			break;
		block = system_malloc(n);
	}
	return block;
}

void alloc_large_free(void *block)
{
	free(block);
}

static size_t round_up(size_t n)
{
	return (n + ALLOC_STEP - 1) & ~(size_t)(ALLOC_STEP - 1);
}

static size_t class_of(size_t n)
{
	return (n + ALLOC_STEP - 1) / ALLOC_STEP - 1;
}

static void list_push(struct alloc *a, void *block, size_t size)
{
	struct alloc_block *head = block;

	head->next = a->lists[class_of(size)];
	a->lists[class_of(size)] = head;
}

static void *list_pop(struct alloc *a, size_t size)
{
	struct alloc_block *block = a->lists[class_of(size)];

	if (block != NULL)
		a->lists[class_of(size)] = block->next;
	return block;
}

static size_t reserve_left(const struct alloc *a)
{
	return (size_t)(a->reserve_end - a->reserve);
}

static void *reserve_cut(struct alloc *a, size_t bytes)
{
	char *piece = a->reserve;

	a->reserve += bytes;
	return piece;
}

/* What is left is a multiple of 8 and too small for the caller, but not for somebody else. */
static void reserve_donate(struct alloc *a)
{
	if (reserve_left(a) > 0)
		list_push(a, a->reserve, reserve_left(a));
	a->reserve = a->reserve_end = NULL;
}

/* No memory: one free block of this class or a larger one becomes the reserve. */
static bool reserve_from_lists(struct alloc *a, size_t size)
{
	for (size_t larger = size; larger <= ALLOC_SMALL_MAX; larger += ALLOC_STEP) {
		char *block = list_pop(a, larger);

		if (block != NULL) {
			a->reserve = block;
			a->reserve_end = block + larger;
			return true;
		}
	}
	return false;
}

/* Each chunk begins with the link by which alloc_fini finds it. */
static void reserve_from_chunk(struct alloc *a, struct alloc_block *chunk, size_t growth)
{
	chunk->next = a->chunks;
	a->chunks = chunk;
	a->heap_size += growth;
	a->reserve = (char *)(chunk + 1);
	a->reserve_end = a->reserve + growth;
}

/* The more was needed so far, the more is taken at a time. */
static bool reserve_grow(struct alloc *a, size_t size)
{
	size_t growth = 2 * size * ALLOC_BATCH + round_up(a->heap_size >> 4);
	struct alloc_block *chunk;

	reserve_donate(a);
	chunk = system_malloc(sizeof(*chunk) + growth);
	if (chunk == NULL && reserve_from_lists(a, size))
		return true;
	if (chunk == NULL)
		chunk = alloc_large(sizeof(*chunk) + growth);
	if (chunk == NULL)
		return false;
	reserve_from_chunk(a, chunk, growth);
	return true;
}

/* One block for the caller; the others of the batch go on the list in address order. */
static void *refill(struct alloc *a, size_t size)
{
	size_t count;
	char *batch;

	if (reserve_left(a) < size && !reserve_grow(a, size))
		return NULL;
	count = reserve_left(a) / size;
	if (count > ALLOC_BATCH)
		count = ALLOC_BATCH;
	batch = reserve_cut(a, count * size);
	for (size_t i = count - 1; i > 0; i--)
		list_push(a, batch + i * size, size);
	return batch;
}

#ifdef ALLOC_PASS_THROUGH
static void *small_get(struct alloc *a, size_t size)
{
	(void)a;
	(void)list_pop;
	(void)refill;
	return alloc_large(size);
}

static void small_put(struct alloc *a, void *block, size_t size)
{
	(void)a;
	(void)size;
	free(block);
}
#else
static void *small_get(struct alloc *a, size_t size)
{
	void *block = list_pop(a, size);

	return block != NULL ? block : refill(a, size);
}

static void small_put(struct alloc *a, void *block, size_t size)
{
	assert(a->lists[class_of(size)] != block); /* freed twice in a row */
	list_push(a, block, size);
}
#endif

void *alloc_get(struct alloc *a, size_t n)
{
	size_t *live = n > ALLOC_SMALL_MAX ? &a->large_live : &a->live[class_of(n + (n == 0))];
	void *block;

	if (n > ALLOC_SMALL_MAX)
		block = alloc_large(n);
	else
		block = small_get(a, round_up(n + (n == 0)));
	if (block != NULL)
		++*live;
	return block;
}

void alloc_put(struct alloc *a, void *block, size_t n)
{
	if (block == NULL)
		return;
	if (n > ALLOC_SMALL_MAX) {
		a->large_live--;
		free(block);
		return;
	}
	a->live[class_of(n + (n == 0))]--;
	small_put(a, block, round_up(n + (n == 0)));
}

void *alloc_resize(struct alloc *a, void *block, size_t old_n, size_t new_n)
{
	void *moved;

	if (old_n > ALLOC_SMALL_MAX && new_n > ALLOC_SMALL_MAX)
		return realloc(block, new_n);
	if (old_n <= ALLOC_SMALL_MAX && new_n <= ALLOC_SMALL_MAX &&
	    class_of(old_n + (old_n == 0)) == class_of(new_n + (new_n == 0)))
		return block;
	moved = alloc_get(a, new_n);
	if (moved != NULL) {
		memcpy(moved, block, old_n < new_n ? old_n : new_n);
		alloc_put(a, block, old_n);
	}
	return moved;
}

void alloc_fini(struct alloc *a)
{
	for (struct alloc_block *chunk = a->chunks, *next; chunk != NULL; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
	*a = (struct alloc){0};
}
