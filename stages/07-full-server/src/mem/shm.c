#include "mem/shm.h"

#include <assert.h>
#include <sys/mman.h>

#include "mem/alloc.h"

struct shm_stats shm_stats;

struct shm *shm_create(size_t size)
{
	struct shm *s = alloc_large(sizeof(*s));

	if (s == NULL)
		return NULL;
	*s = (struct shm){.size = size, .references = 1};
	s->memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s->memory == MAP_FAILED) {
		alloc_large_free(s);
		return NULL;
	}
	shm_stats.mappings++;
	shm_stats.bytes += size;
	return s;
}

struct shm *shm_get(struct shm *s)
{
	s->references++;
	return s;
}

void shm_put(struct shm *s)
{
	assert(s->references > 0);
	if (--s->references > 0)
		return;
	munmap(s->memory, s->size);
	shm_stats.mappings--;
	shm_stats.bytes -= s->size;
	alloc_large_free(s);
}
