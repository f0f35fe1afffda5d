#include "mem/pool.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "mem/alloc.h"

enum { KEPT_MAX = 64 };

struct block {
	struct block *next;
	char *at, *end; /* what is not given out yet */
};

struct large {
	struct large *next;
	size_t size;
};

struct pool {
	struct block *current; /* the newest; the first of the list of all */
	struct large *large;
	struct pool_cleanup *cleanups;
	size_t block_size;
	size_t small_max;
};

struct pool_stats pool_stats;

static struct block *kept_blocks;

static struct block *block_take(size_t size)
{
	struct block *b = kept_blocks;

	if (size == POOL_BLOCK && b != NULL) {
		kept_blocks = b->next;
		pool_stats.kept--;
	} else {
		b = alloc_large(size);
		if (b == NULL)
			return NULL;
	}
	b->next = NULL;
	b->at = (char *)(b + 1);
	b->end = (char *)b + size;
	pool_stats.blocks++;
	return b;
}

static void block_give(struct block *b, size_t size)
{
	pool_stats.blocks--;
#ifndef ALLOC_PASS_THROUGH
	if (size == POOL_BLOCK && pool_stats.kept < KEPT_MAX) {
		b->next = kept_blocks;
		kept_blocks = b;
		pool_stats.kept++;
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
		pool_stats.kept--;
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
	pool_stats.pools++;
	return p;
}

static void run_cleanups(struct pool *p)
{
	/* a cleanup may add another one: always take the newest */
	while (p->cleanups != NULL) {
		struct pool_cleanup *c = p->cleanups;

		p->cleanups = c->next;
		if (c->run != NULL)
			c->run(c->data);
	}
}

static void large_release(struct large *piece)
{
	pool_stats.large_bytes -= piece->size;
	alloc_large_free(piece);
}

void pool_destroy(struct pool *p)
{
	size_t block_size = p->block_size;
	struct block *b, *next;

	run_cleanups(p);
	for (struct large *piece = p->large, *after; piece != NULL; piece = after) {
		after = piece->next;
		large_release(piece);
	}
	for (b = p->current; b != NULL; b = next) { /* the last one holds the pool itself */
		next = b->next;
		block_give(b, block_size);
	}
	pool_stats.pools--;
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
	pool_stats.large_bytes += n;
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

static void *alloc_small(struct pool *p, size_t n, bool aligned)
{
	struct block *b = p->current;
	char *at = aligned ? align(b->at) : b->at;

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
	return is_large(p, n) ? alloc_own(p, n) : alloc_small(p, n, true);
}

char *pool_bytes(struct pool *p, size_t n)
{
	return is_large(p, n) ? alloc_own(p, n) : alloc_small(p, n, false);
}

void *pool_zalloc(struct pool *p, size_t n)
{
	void *piece = pool_alloc(p, n);

	return piece != NULL ? memset(piece, 0, n) : NULL;
}

void *pool_array(struct pool *p, size_t count, size_t size)
{
	if (size > 0 && count > PTRDIFF_MAX / size) {
		errno = ENOMEM;
		return NULL;
	}
	return pool_zalloc(p, count * size);
}

bool pool_free_large(struct pool *p, void *piece)
{
	for (struct large **at = &p->large; *at != NULL; at = &(*at)->next) {
		if ((void *)(*at + 1) == piece) {
			struct large *found = *at;

			*at = found->next;
			large_release(found);
			return true;
		}
	}
	return false;
}

struct str pool_str(struct pool *p, struct str s)
{
	char *copy = pool_bytes(p, s.len);

	if (copy == NULL)
		return (struct str){NULL, 0};
	put_str(copy, s);
	return (struct str){copy, s.len};
}

struct str pool_str_z(struct pool *p, struct str s)
{
	char *copy = pool_bytes(p, s.len + 1);

	if (copy == NULL)
		return (struct str){NULL, 0};
	*put_str(copy, s) = '\0';
	return (struct str){copy, s.len};
}

struct str pool_print(struct pool *p, const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	text = len < 0 ? NULL : pool_bytes(p, (size_t)len + 1);
	if (text == NULL)
		return (struct str){NULL, 0};
	va_start(args, format);
	vsnprintf(text, (size_t)len + 1, format, args);
	va_end(args);
	return (struct str){text, (size_t)len};
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

void *pool_cleanup_find(const struct pool *p, void (*run)(void *data))
{
	for (const struct pool_cleanup *c = p->cleanups; c != NULL; c = c->next)
		if (c->run == run)
			return c->data;
	return NULL;
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

void *pool_list_add(struct pool *p, struct pool_list *list, size_t size)
{
	if (list->count == list->room) {
		size_t room = list->room > 0 ? list->room * 2 : 4;
		void *items = pool_array(p, room, size);

		if (items == NULL)
			return NULL;
		if (list->count > 0)
			memcpy(items, list->items, list->count * size);
		list->items = items;
		list->room = room;
	}
	return (char *)list->items + list->count++ * size;
}
