/*
 * zone: a piece of shared memory that a configuration names.
 *
 * While the configuration is read, modules add zones. When the whole configuration has been
 * read, zones_open maps them. If the previous configuration has a zone with the same name,
 * purpose and size, the new configuration uses the same memory with its contents.
 *
 * A configuration has a reference to its zones. In the master there is also one reference for
 * each worker that was started with this configuration. So a zone that a new configuration does
 * not use stays mapped until the last worker that uses it has ended. Otherwise the master could
 * not release a lock that a killed worker held in the zone.
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
	struct shm *shm; /* NULL before the zone is mapped */
	struct slab *slab;
	/* for /status: returns the number and size of the files, if the zone is an index of
	 * files; called without the lock of the slab */
	struct zone_files (*files)(struct zone *z);
};

struct zones {
	struct pool *pool;
	struct zone *list;
	int references;
};

/* returns the zones with one reference, or NULL when there is no memory */
struct zones *zones_create(void);
struct zones *zones_get(struct zones *z);
void zones_put(struct zones *z);

/* Adds a zone to cf->zones. `size` must be at least SLAB_LEAST. Returns NULL after conf_fail. */
struct zone *zone_add(struct conf *cf, struct str name, struct str purpose, size_t size);

/* Maps the zones. `before` are the zones of the previous configuration, or NULL. Returns -1
 * after conf_fail. */
int zones_open(struct conf *cf, struct zones *zones, const struct zones *before);

/* Call it in the master, after a worker has ended. */
void zones_force_unlock(struct zones *zones, pid_t dead);

#endif
