/*
 * zone: the pieces of shared memory that a configuration names.
 *
 * Modules ask for them while it is read, and have them once all of it has
 * been: zones_open maps them. One that the configuration before had too, with
 * the same name, purpose and size, is taken over with all that is in it.
 *
 * The zones of a configuration are referenced by it, and in the master by each
 * worker that was born of it: a zone that a reload gave up must stay mapped
 * there until its last user is dead, or nobody could unlock what a killed one
 * of them held.
 */
#ifndef CONF_ZONE_H
#define CONF_ZONE_H

#include <sys/types.h>

#include "conf/conf.h"
#include "mem/shm.h"
#include "mem/slab.h"

struct zone {
	struct zone *next;
	struct str name;
	struct str purpose; /* zones of one name for two purposes are two */
	size_t size;
	struct shm *shm; /* NULL: not mapped */
	struct slab *slab;
};

struct zones {
	struct pool *pool;
	struct zone *list;
	int references;
};

struct zones *zones_create(void); /* with one reference; NULL: no memory */
struct zones *zones_get(struct zones *z);
void zones_put(struct zones *z);

/* Another one in cf->zones; size >= SLAB_LEAST. NULL after conf_fail. */
struct zone *zone_add(struct conf *cf, struct str name, struct str purpose, size_t size);

/* -1 after conf_fail. `before` may be NULL. */
int zones_open(struct conf *cf, struct zones *zones, const struct zones *before);

/* In the master, when a worker is dead. */
void zones_force_unlock(struct zones *zones, pid_t dead);

#endif
