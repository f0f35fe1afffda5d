/*
 * zone: the pieces of shared memory that a configuration names.
 *
 * Modules ask for them while it is read, and have them once all of it has been: zones_open
 * maps them. A zone with the same name, purpose and size as one of the previous configuration
 * is taken over with its contents.
 *
 * A configuration has a reference to its zones. In the master each worker that was started
 * with it has one, too: a zone that a reload no longer uses must stay mapped until its last
 * worker has ended. Otherwise the master could not unlock what a killed worker held.
 */
#ifndef CONF_ZONE_H
#define CONF_ZONE_H

#include <sys/types.h>

#include "conf/conf.h"
#include "mem/shm.h"
#include "mem/slab.h"

struct zone_files {
	uint32_t count;
	int64_t bytes;
};

struct zone {
	struct zone *next;
	struct str name;
	struct str purpose; /* two zones may have the same name if their purposes differ */
	size_t size;
	struct shm *shm; /* NULL: not mapped */
	struct slab *slab;
	/* for /status, if the zone is the index of files; called without the lock of the slab */
	struct zone_files (*files)(struct zone *z);
};

struct zones {
	struct pool *pool;
	struct zone *list;
	int references;
};

struct zones *zones_create(void); /* with one reference; NULL: no memory */
struct zones *zones_get(struct zones *z);
void zones_put(struct zones *z);

/* Adds a zone to cf->zones; size >= SLAB_LEAST. NULL after conf_fail. */
struct zone *zone_add(struct conf *cf, struct str name, struct str purpose, size_t size);

/* -1 after conf_fail. `before`: the zones of the previous configuration; may be NULL. */
int zones_open(struct conf *cf, struct zones *zones, const struct zones *before);

/* Call it in the master, after a worker has ended. */
void zones_force_unlock(struct zones *zones, pid_t dead);

#endif
