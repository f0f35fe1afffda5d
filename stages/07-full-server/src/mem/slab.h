/*
 * slab: an allocator inside a piece of shared memory, with the lock of all that
 * is kept there.
 *
 *     slab | table of pages | page | page | page ...
 *
 * A small block (2048 bytes at most) comes from a page cut into blocks of its
 * size: 16, 32, 64, ... A larger one is a run of whole pages. Runs that are
 * given back grow together with free neighbours.
 *
 * No room is a normal answer here: a zone has the size that the configuration
 * gave it, and whoever keeps things in it throws old ones out and asks again.
 *
 *     slab_lock(s);
 *     if (s->root == NULL) ...set up...      nobody has yet, or it was lost
 *     ...slab_alloc, slab_free...
 *     slab_unlock(s);
 *
 * Everything between lock and unlock may stay half done: a process can be
 * killed at any instruction. So `changing` says whose changes are under way,
 * and the next to come in finds its number there, throws all of it away and
 * begins anew with root = NULL. Pointers that were kept from before are then
 * dead: who keeps some compares `resets`.
 */
#ifndef MEM_SLAB_H
#define MEM_SLAB_H

#include "base/list.h"
#include "base/str.h"
#include "mem/shmutex.h"

enum {
	SLAB_PAGE = 4096,
	SLAB_SMALLEST = 16,
	SLAB_CLASSES = 8, /* 16 ... 2048 */
	SLAB_LEAST = 8 * SLAB_PAGE,
	SLAB_NAME = 64,
};

struct slab_page;

struct slab { /* at the beginning of the memory */
	struct shmutex mutex;
	volatile pid_t changing; /* 0: all is whole */
	uint32_t resets;
	char name[SLAB_NAME]; /* for the log */
	size_t size;          /* of all */

	/* for whoever keeps things here; under the lock */
	void *root;
	uint32_t records; /* how many, for those who look on */

	/* the allocator's; under the lock */
	struct slab_page *pages;
	char *first; /* page 0 */
	uint32_t page_count, pages_used;
	struct list partial[SLAB_CLASSES]; /* pages with free blocks */
	struct list free_runs;
};

/* In `size` bytes of shared memory, SLAB_LEAST at least. */
struct slab *slab_init(void *memory, size_t size, struct str name);

void slab_lock(struct slab *s);
void slab_unlock(struct slab *s);

/* With the lock held. NULL: there is no room. */
void *slab_alloc(struct slab *s, size_t n); /* zeroed, aligned to 16 */
void slab_free(struct slab *s, void *block);

#endif
