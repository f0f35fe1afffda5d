/*
 * memory.h - two ways to have memory without malloc.
 *
 * small_* keep blocks of LISTS sizes in free lists, one list a size. A free block holds the link to
 * the next one in its own first bytes, so a block has no header. pool_* give pieces that die
 * together, with their pool.
 *
 * The system is the only source of memory (system.c). It counts, and it refuses when it is told to.
 */
#pragma once

#include "variant.h" /* STEP LARGEST BATCH TRIES POOL_BLOCK */

#include <stdbool.h>
#include <stddef.h>

/* ---- the system: given ------------------------------------------------------------------- */

void *system_take(size_t n); /* aligned to 16; NULL: refused */
void system_give(void *area);

/* ---- small blocks: alloc.c ---------------------------------------------------------------- */

enum { LISTS = LARGEST / STEP };

struct block {
	struct block *next;
};

struct small {
	struct block *lists[LISTS];  /* list i holds free blocks of (i + 1) * STEP bytes */
	char *reserve, *reserve_end; /* one piece of a chunk that is not cut into blocks yet */
	size_t heap;                 /* the bytes of all chunks, without what you add for yourself */
};

extern struct small small; /* numbers.c defines it; all zero at the start */

/* N bytes, aligned to STEP (more than LARGEST: to 16); 0 counts as 1. NULL with errno ENOMEM. */
void *small_get(size_t n);
void small_put(void *block, size_t n); /* N as it was asked for */

/* Gives back each chunk of which no byte is in use, and the bytes by which the heap has shrunk. */
size_t small_trim(void);

/* The handler answers "try again?". Returns the one before; NULL: none. */
bool (*small_on_empty(bool (*handler)(size_t wanted)))(size_t wanted);

/* ---- pools: pool.c ------------------------------------------------------------------------ */

/* own.h defines struct pool and struct pool_mark, and includes this file. */
struct pool;
struct pool_mark;

struct pool *pool_create(struct pool *parent); /* parent: NULL, or a pool that must live longer */
void pool_destroy(struct pool *p);

void *pool_get(struct pool *p, size_t n); /* aligned to 16; NULL with errno ENOMEM */

/* RUN is called with DATA when the pool ends, or goes back behind this moment. 0; -1: no memory. */
int pool_cleanup(struct pool *p, void (*run)(void *data), void *data);

struct pool_mark pool_mark(struct pool *p);
void pool_back(struct pool *p, struct pool_mark m); /* all that is younger than M goes */
