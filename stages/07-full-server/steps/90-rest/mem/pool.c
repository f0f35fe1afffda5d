#include "mem/pool.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "mem/alloc.h"

enum { KEPT_MAX = 64 };

struct block {
	struct block *next;
	char *at, *end; /* the free part */
};

struct large {
	struct large *next;
	size_t size; /* keeps what follows aligned to 16 */
};

struct pool {
	struct block *current; /* the newest; the first of the list of all */
	struct large *large;
	struct pool_cleanup *cleanups;
	size_t block_size;
	size_t small_max;
};

static struct block *kept_blocks;
static int kept;

static struct block *block_take(size_t size)
{
	struct block *b = kept_blocks;

	if (size == POOL_BLOCK && b != NULL) {
		kept_blocks = b->next;
		kept--;
	} else {
		b = alloc_large(size);
		if (b == NULL)
			return NULL;
	}
	b->next = NULL;
	b->at = (char *)(b + 1);
	b->end = (char *)b + size;
	return b;
}

static void block_give(struct block *b, size_t size)
{
#ifndef ALLOC_PASS_THROUGH
	if (size == POOL_BLOCK && kept < KEPT_MAX) {
		b->next = kept_blocks;
		kept_blocks = b;
		kept++;
		return;
	}
#endif
	(void)size;
	alloc_large_free(b);
}

size_t pool_release_kept(void)
{
	size_t bytes = 0;

	while (kept_blocks != NULL) {
		struct block *b = kept_blocks;

		kept_blocks = b->next;
		kept--;
		alloc_large_free(b);
		bytes += POOL_BLOCK;
	}
	return bytes;
}

struct pool *pool_create(size_t block_size)
{
	size_t least = sizeof(struct block) + sizeof(struct pool) + 64;
	struct block *b;
	struct pool *p;

	if (block_size < least)
		block_size = least;
	b = block_take(block_size);
	if (b == NULL)
		return NULL;
	p = (struct pool *)b->at;
	b->at += sizeof(*p);
	*p = (struct pool){.current = b, .block_size = block_size, .small_max = block_size / 4};
	return p;
}

static void run_cleanups(struct pool *p)
{
	/* a cleanup may add another cleanup, so the newest one is read again each time */
	while (p->cleanups != NULL) {
		struct pool_cleanup *c = p->cleanups;

		p->cleanups = c->next;
		if (c->run != NULL)
			c->run(c->data);
	}
}

void pool_destroy(struct pool *p)
{
	size_t block_size = p->block_size;
	struct block *b, *next;

	run_cleanups(p);
	for (struct large *piece = p->large, *after; piece != NULL; piece = after) {
		after = piece->next;
		alloc_large_free(piece);
	}
	for (b = p->current; b != NULL; b = next) { /* the last one holds the pool itself */
		next = b->next;
		block_give(b, block_size);
	}
}

static void *alloc_own(struct pool *p, size_t n)
{
	struct large *piece;

	if (n > PTRDIFF_MAX - sizeof(*piece)) {
		errno = ENOMEM;
		return NULL;
	}
	piece = alloc_large(sizeof(*piece) + n);
	if (piece == NULL)
		return NULL;
	*piece = (struct large){.next = p->large, .size = n};
	p->large = piece;
	return piece + 1;
}

static bool is_large(const struct pool *p, size_t n)
{
#ifdef ALLOC_PASS_THROUGH
	(void)p;
	return n > 0;
#else
	return n > p->small_max;
#endif
}

static char *align(char *at)
{
	return at + (-(uintptr_t)at & 7);
}

static void *alloc_small(struct pool *p, size_t n)
{
	struct block *b = p->current;
	char *at = align(b->at);

	if (n > (size_t)(b->end - at) || at > b->end) {
		b = block_take(p->block_size);
		if (b == NULL)
			return NULL;
		b->next = p->current;
		p->current = b;
		at = b->at;
	}
	b->at = at + n;
	return at;
}

void *pool_alloc(struct pool *p, size_t n)
{
	return is_large(p, n) ? alloc_own(p, n) : alloc_small(p, n);
}

struct pool_cleanup *pool_cleanup_add(struct pool *p, void *data)
{
	struct pool_cleanup *c = pool_alloc(p, sizeof(*c));

	if (c == NULL)
		return NULL;
	*c = (struct pool_cleanup){.data = data, .next = p->cleanups};
	p->cleanups = c;
	return c;
}

static void close_fd(void *data)
{
	close((int)(intptr_t)data);
}

int pool_cleanup_fd(struct pool *p, int fd)
{
	struct pool_cleanup *c = pool_cleanup_add(p, (void *)(intptr_t)fd);

	if (c == NULL)
		return -1;
	c->run = close_fd;
	return 0;
}
