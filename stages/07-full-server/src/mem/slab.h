/*
 * slab: an allocator inside a piece of shared memory. One lock protects everything in this
 * memory.
 *
 *     slab | table of pages | page | page | page ...
 *
 * A small block (at most 2048 bytes) comes from a page that is cut into blocks of one size: 16,
 * 32, 64, ... A larger block is a run of whole pages. A freed run is joined with the free runs
 * beside it.
 *
 * "No room" is a normal result: a zone has the size that the configuration gave it. The user
 * of the zone removes old entries and asks again.
 *
 *     slab_lock(s);
 *     if (s->root == NULL) ...set up...      the slab is new, or its contents were discarded
 *     ...slab_alloc, slab_free...
 *     slab_unlock(s);
 *
 * A process can be killed at any instruction between lock and unlock. Then its change is only
 * half done. So `changing` contains the pid of the process that holds the lock. When the next
 * process takes the lock and finds a pid in `changing`, slab_lock discards all contents, and
 * the slab is empty again, with root = NULL. Older pointers into the slab are then invalid:
 * compare `resets` before you use a pointer that you kept.
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

struct slab { /* lies at the beginning of the memory */
	struct shmutex mutex;
	/* the pid of the process that changes the slab; 0 if there is none */
	volatile pid_t changing;
	uint32_t resets;
	char name[SLAB_NAME]; /* shown in the log */
	size_t size;          /* of the whole memory, in bytes */

	/* The user of the slab writes these while it holds the lock. */
	void *root;
	uint32_t records; /* the number of records, for statistics */

	/* The allocator writes these, also under the lock. */
	struct slab_page *pages;
	char *first; /* the address of page 0 */
	uint32_t page_count, pages_used;
	struct list partial[SLAB_CLASSES]; /* for each size: pages with free blocks */
	struct list free_runs;
};

/* Makes a slab in `size` bytes of shared memory. `size` is at least SLAB_LEAST. */
struct slab *slab_init(void *memory, size_t size, struct str name);

void slab_lock(struct slab *s);
void slab_unlock(struct slab *s);

/* Call these with the lock held. slab_alloc returns NULL when there is no room. */
void *slab_alloc(struct slab *s, size_t n); /* zeroed, aligned to 16 */
void slab_free(struct slab *s, void *block);

#endif
