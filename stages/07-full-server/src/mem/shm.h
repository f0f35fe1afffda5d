/*
 * shm: memory that a master shares with the workers it forks later.
 *
 * A mapping is made before the fork, so it lies at the same address in all of them, and
 * pointers into it mean the same everywhere. It has no name, so no other process can find it.
 * It is freed when the last process that has it ends.
 *
 * References are counted in each process: memory that an old configuration and a new one use
 * is unmapped with the last of them. A forked process has its own count and its own mapping.
 */
#ifndef MEM_SHM_H
#define MEM_SHM_H

#include <stddef.h>

struct shm {
	void *memory; /* zeroed when new */
	size_t size;
	int references;
};

struct shm_stats { /* of this process */
	size_t mappings, bytes;
};

extern struct shm_stats shm_stats;

struct shm *shm_create(size_t size); /* with one reference; NULL: errno says why */
struct shm *shm_get(struct shm *s);
void shm_put(struct shm *s);

#endif
