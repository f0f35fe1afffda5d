/*
 * shm: memory that the master shares with the workers. The master creates the memory before it
 * forks the workers.
 *
 * A mapping is made before the fork, so it has the same address in all these processes, and a
 * pointer into it is valid in each of them. The mapping has no name, so no other process can
 * open it. The kernel frees the memory when the last process that has the mapping ends or
 * unmaps it.
 *
 * References are counted in each process. If an old and a new configuration use the same
 * memory, it is unmapped when the last of them is freed. A forked process has its own count and
 * its own mapping.
 */
#ifndef MEM_SHM_H
#define MEM_SHM_H

#include <stddef.h>

struct shm {
	void *memory; /* zeroed when new */
	size_t size;
	int references;
};

struct shm_stats { /* the mappings of this process */
	size_t mappings, bytes;
};

extern struct shm_stats shm_stats;

/* Returns the memory with one reference. Returns NULL and sets errno on failure. */
struct shm *shm_create(size_t size);
struct shm *shm_get(struct shm *s);
void shm_put(struct shm *s);

#endif
