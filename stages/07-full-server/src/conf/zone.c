#include "conf/zone.h"

#include <errno.h>

#include "base/log.h"

struct zones *zones_create(void)
{
	struct pool *pool = pool_create(POOL_BLOCK);
	struct zones *z = pool != NULL ? pool_zalloc(pool, sizeof(*z)) : NULL;

	if (z == NULL)
		return NULL;
	z->pool = pool;
	z->references = 1;
	return z;
}

struct zones *zones_get(struct zones *z)
{
	z->references++;
	return z;
}

/* The locks in the zones are not destroyed, because other processes may still use them. The
 * locks end when the memory is unmapped everywhere. */
void zones_put(struct zones *zones)
{
	if (--zones->references > 0)
		return;
	for (struct zone *z = zones->list; z != NULL; z = z->next)
		if (z->shm != NULL)
			shm_put(z->shm);
	pool_destroy(zones->pool);
}

struct zone *zone_add(struct conf *cf, struct str name, struct str purpose, size_t size)
{
	struct pool *pool = cf->zones->pool;
	struct zone *z = pool_zalloc(pool, sizeof(*z)), **end = &cf->zones->list;

	if (z == NULL || (z->name = pool_str(pool, name)).data == NULL ||
	    (z->purpose = pool_str(pool, purpose)).data == NULL) {
		conf_no_memory(cf);
		return NULL;
	}
	z->size = size;
	while (*end != NULL)
		end = &(*end)->next;
	*end = z;
	return z;
}

static const struct zone *find_same(const struct zones *zones, const struct zone *wanted)
{
	const struct zone *z = zones != NULL ? zones->list : NULL;

	while (z != NULL && !(str_equal(z->name, wanted->name) && z->size == wanted->size &&
			      str_equal(z->purpose, wanted->purpose)))
		z = z->next;
	return z;
}

static bool zone_open(struct zone *z, const struct zone *same)
{
	z->shm = same != NULL ? shm_get(same->shm) : shm_create(z->size);
	if (z->shm == NULL)
		return false;
	z->slab = same != NULL ? same->slab : slab_init(z->shm->memory, z->size, z->name);
	return true;
}

int zones_open(struct conf *cf, struct zones *zones, const struct zones *before)
{
	for (struct zone *z = zones->list; z != NULL; z = z->next)
		if (!zone_open(z, find_same(before, z)))
			return conf_fail(cf, "zone \"%.*s\" of %zu bytes: %s (%d)",
					 STR_ARGS(z->name), z->size, strerror(errno), errno);
	return 0;
}

void zones_force_unlock(struct zones *zones, pid_t dead)
{
	for (struct zone *z = zones->list; z != NULL; z = z->next)
		if (shmutex_force_unlock(&z->slab->mutex, dead))
			log_write(log_main, LOG_ALERT, "zone \"%.*s\" was locked by %d",
				  STR_ARGS(z->name), (int)dead);
}
