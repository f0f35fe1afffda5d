/*
 * alloc-bench: stage 7's two-level allocator beside malloc, for small blocks.
 *
 * First the time. Each pattern runs with the one and with the other in turn, many short rounds of
 * each, and the median of the rounds counts: what else the machine does meanwhile slows both.
 * Processor time, not the clock's.
 *
 * Then the memory: what was asked for, what the blocks really are, and what was taken from the
 * system for them; and the weak side of this allocator: what it has once cut into blocks of one
 * size is never there for another.
 *
 * Exits 1 when the allocator is not twice as fast as malloc in every pattern.
 */
#include "mem/alloc.h"

#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 41, LIVE = 4096, STEPS = 40000, ACCOUNTED = 100000 };

/* ---- who is measured */

struct contestant {
	void *(*get)(size_t n);
	void (*put)(void *block, size_t n);
};

static struct alloc ours;

static void *ours_get(size_t n)
{
	return alloc_take(&ours, n);
}

static void ours_put(void *block, size_t n)
{
	alloc_give(&ours, block, n);
}

static void malloc_put(void *block, size_t n)
{
	(void)n;
	free(block);
}

enum { OURS, MALLOC };

static const struct contestant contestants[] = {{ours_get, ours_put}, {malloc, malloc_put}};

/*
 * ---- the patterns: each ends with nothing held
 *
 * Compiled for each contestant, so that each is called as a program would call it.
 */

#define PATTERN static inline __attribute__((always_inline)) void
#define FOR_BOTH(pattern)                                                                          \
	static void pattern##_ours(void) { pattern(&contestants[OURS]); }                          \
	static void pattern##_malloc(void) { pattern(&contestants[MALLOC]); }

static void *blocks[LIVE];
static unsigned char sizes[LIVE];       /* of what is held */
static unsigned char size_at[STEPS];    /* drawn before: drawing is not what is measured */
static uint16_t place_at[STEPS];

static void touch(void *block)
{
	*(volatile char *)block = 1; /* or the compiler leaves malloc and free out */
}

/* A parser's way: one block, used and given back at once. */
PATTERN one_at_a_time(const struct contestant *c)
{
	for (int i = 0; i < STEPS; i++) {
		void *block = c->get(size_at[i]);

		touch(block);
		c->put(block, size_at[i]);
	}
}
FOR_BOTH(one_at_a_time)

/* A request's way: many blocks, then all of them back, in the order they came. */
PATTERN all_then_none(const struct contestant *c)
{
	for (int done = 0; done + 512 <= STEPS; done += 512) {
		for (int i = 0; i < 512; i++)
			touch(blocks[i] = c->get(size_at[done + i]));
		for (int i = 0; i < 512; i++)
			c->put(blocks[i], size_at[done + i]);
	}
}
FOR_BOTH(all_then_none)

PATTERN put_all(const struct contestant *c)
{
	for (int i = 0; i < LIVE; i++) {
		if (blocks[i] != NULL)
			c->put(blocks[i], sizes[i]);
		blocks[i] = NULL;
	}
}

PATTERN replace(const struct contestant *c, int at, unsigned char size)
{
	if (blocks[at] != NULL)
		c->put(blocks[at], sizes[at]);
	touch(blocks[at] = c->get(size));
	sizes[at] = size;
}

/* A server's way: connections of all ages, any of them may be the next to go. */
PATTERN random_places(const struct contestant *c)
{
	memset(blocks, 0, sizeof(blocks));
	for (int i = 0; i < STEPS; i++)
		replace(c, place_at[i], size_at[i]);
	put_all(c);
}
FOR_BOTH(random_places)

static const struct {
	const char *name;
	void (*run[2])(void);
} patterns[] = {
    {"one at a time", {one_at_a_time_ours, one_at_a_time_malloc}},
    {"512, then none", {all_then_none_ours, all_then_none_malloc}},
    {"4096 of all ages", {random_places_ours, random_places_malloc}},
};

enum { PATTERNS = sizeof(patterns) / sizeof(patterns[0]) };

/* ---- the time */

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values)
{
	qsort(values, ROUNDS, sizeof(*values), by_value);
	return values[ROUNDS / 2];
}

static bool compare(int pattern)
{
	double took[2][ROUNDS], each[2];

	for (int round = 0; round < ROUNDS; round++) {
		for (int who = 0; who < 2; who++) {
			double before = seconds();

			patterns[pattern].run[who]();
			took[who][round] = seconds() - before;
		}
	}
	for (int who = 0; who < 2; who++)
		each[who] = median(took[who]) / STEPS * 1e9;
	printf("%-18s %8.1f %8.1f %9.1f x\n", patterns[pattern].name, each[0], each[1],
	       each[1] / each[0]);
	return each[1] >= 2 * each[0];
}

/* ---- the memory */

static void *held[ACCOUNTED];

static unsigned char held_size(int i, int least, int most)
{
	return (unsigned char)(least + size_at[i % STEPS] % (most - least + 1));
}

/* Returns how many bytes were asked for. */
static size_t hold_all(const struct contestant *c, int least, int most)
{
	size_t asked = 0;

	for (int i = 0; i < ACCOUNTED; i++) {
		touch(held[i] = c->get(held_size(i, least, most)));
		asked += held_size(i, least, most);
	}
	return asked;
}

static void release_all(const struct contestant *c, int least, int most)
{
	for (int i = 0; i < ACCOUNTED; i++)
		c->put(held[i], held_size(i, least, most));
}

static size_t blocks_of_ours(void)
{
	size_t bytes = 0;

	for (size_t i = 0; i < ALLOC_LISTS; i++)
		bytes += ours.live[i] * (i + 1) * ALLOC_STEP;
	return bytes;
}

/* malloc keeps the size of each block in front of it, and counts that in. */
static void account(int who, int least, int most)
{
	static struct mallinfo2 before;
	size_t asked, blocks, taken;

	if (before.arena == 0)
		before = mallinfo2();
	asked = hold_all(&contestants[who], least, most);
	blocks = who == OURS ? blocks_of_ours() : mallinfo2().uordblks - before.uordblks;
	taken = who == OURS ? ours.heap_size : mallinfo2().arena - before.arena;
	printf("%-9s %3d to %3d %12zu %10zu %10zu %9.0f%%\n", who == OURS ? "2 levels" : "malloc",
	       least, most, asked, blocks, taken, 100.0 * (double)(taken - asked) / (double)taken);
	release_all(&contestants[who], least, most);
}

/* First small blocks, then none of them and larger ones: of what use are the small ones now? */
static void account_both(void)
{
	printf("%-9s %10s %12s %10s %10s %10s\n", "", "bytes each", "asked for", "blocks",
	       "taken", "of no use");
	for (int who = MALLOC; who >= OURS; who--) {
		account(who, 24, 40);
		account(who, 80, 120);
	}
}

/* ---- */

static void draw(void)
{
	uint32_t seed = 1;

	for (int i = 0; i < STEPS; i++) {
		seed = seed * 1664525 + 1013904223;
		size_at[i] = (unsigned char)(1 + (seed >> 16) % ALLOC_SMALL_MAX);
		seed = seed * 1664525 + 1013904223;
		place_at[i] = (uint16_t)((seed >> 16) % LIVE);
	}
}

int main(void)
{
	bool fast = true;

	draw();
	account_both();
	printf("\n%-18s %8s %8s %11s\n", "ns for each block", "2 levels", "malloc", "faster");
	for (int i = 0; i < PATTERNS; i++)
		fast &= compare(i);
	alloc_fini(&ours);
	return fast ? 0 : 1;
}
