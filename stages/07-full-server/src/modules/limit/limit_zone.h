/*
 * limit_zone: stores the data of limit_conn and limit_req for each key. All workers share the
 * memory of a zone, and its size is fixed.
 *
 *     limit_req_zone $binary_remote_addr zone=one:10m rate=1r/s;
 *
 * A record has a few bytes for the module, and its key. When the zone is full, the least
 * recently used record is removed, if the module allows this. limit_req allows it. limit_conn
 * does not, because its records count requests that are still running.
 *
 * Between limit_zone_lock and limit_zone_unlock, no other process uses the zone. Pointers to
 * records are valid only there. Afterwards another process may remove the record, or all
 * records (see mem/slab.h).
 */
#ifndef LIMIT_ZONE_H
#define LIMIT_ZONE_H

#include "conf/value.h"
#include "conf/zone.h"
#include "http/site/template.h"

enum { LIMIT_KEY_MAX = 65535 };

struct limit_zone {
	struct str name;
	struct template *key; /* NULL means that the zone was used, but not defined yet */
	struct str file;      /* file and line where the zone was named first */
	int line;
	int64_t rate;     /* for limit_req: thousandths of a request per second */
	size_t data_size; /* the size of the module's bytes in each record */
	struct zone *memory;
	/* Called for each record after a worker has ended. This function may remove the record.
	 * NULL means that nothing is called. */
	void (*on_death)(struct limit_zone *z, void *data);
};

struct limit_zones {
	struct pool_list list; /* struct limit_zone * */
};

/* ---- while the configuration is read */

/* For struct http_hooks. Checks that every zone that was named is also defined. */
int limit_zones_check(struct conf *cf, void *zones);

/* Reads "zone=name:size". Returns NULL after conf_fail. */
struct limit_zone *limit_zone_define(struct conf *cf, struct limit_zones *zones, struct str key,
				     struct str place, size_t data_size);
/* Returns the zone with this name. It may be defined later in the file. Returns NULL when there
 * is no memory. */
struct limit_zone *limit_zone_named(struct conf *cf, struct limit_zones *zones, struct str name);

/* ---- while serving */

/* Returns false when this request has no key. Then the limit does not apply to it. */
bool limit_zone_key(struct request *r, const struct limit_zone *z, struct str *key);

void limit_zone_lock(struct limit_zone *z);
void limit_zone_unlock(struct limit_zone *z);

/* limit_zone_find and limit_zone_add return the module's bytes of a record. limit_zone_find
 * returns NULL when there is no record. The bytes of a new record are zero; limit_zone_add
 * returns NULL when there is no room. */
void *limit_zone_find(struct limit_zone *z, struct str key);
void *limit_zone_add(struct limit_zone *z, struct str key, bool may_evict);
void limit_zone_remove(struct limit_zone *z, void *data);

#endif
