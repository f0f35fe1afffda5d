/*
 * slab: an allocator inside a piece of shared memory, with one lock for everything in it.
 *
 *     slab | table of pages | page | page | page ...
 *
 * A small block (2048 bytes at most) comes from a page cut into blocks of its size: 16, 32,
 * 64, ... A larger one is a run of whole pages. A freed run is joined with its free
 * neighbours.
 *
 * "No room" is a normal result: a zone has the size that the configuration gave it. The user
 * of the zone removes old entries and asks again.
 *
 *     slab_lock(s);
 *     if (s->root == NULL) ...set up...      it is new, or its contents were discarded
 *     ...slab_alloc, slab_free...
 *     slab_unlock(s);
 *
 * A process can be killed at any instruction between lock and unlock, and leave half a change.
 * So `changing` holds the pid of the process that changes something. When the next process
 * takes the lock and finds a pid there, it discards everything and starts again with root =
 * NULL. Older pointers into the slab are then invalid: compare `resets` before you use a
 * pointer that you kept.
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
	volatile pid_t changing; /* 0: no change was left half done */
	uint32_t resets;
	char name[SLAB_NAME]; /* for the log */
	size_t size;          /* of all */

	/* The user of the slab writes these while it holds the lock. */
	void *root;
	uint32_t records; /* how many, for statistics */

	/* The allocator writes these, also under the lock. */
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

/* Call these with the lock held. NULL: there is no room. */
void *slab_alloc(struct slab *s, size_t n); /* zeroed, aligned to 16 */
void slab_free(struct slab *s, void *block);

#endif
