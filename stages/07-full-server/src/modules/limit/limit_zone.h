/*
 * limit_zone: what limit_conn and limit_req remember about each key, in a
 * bounded amount of memory that all workers share.
 *
 *     limit_req_zone $binary_remote_addr zone=one:10m rate=1r/s;
 *
 * A record is a few bytes of the module's own behind its key. When the zone is full, the
 * record that was used longest ago is removed, if the module allows it: an old record can be
 * forgotten, but not one that counts present requests.
 *
 * Between limit_zone_lock and limit_zone_unlock no other process uses the zone. Pointers to
 * records are valid only there: the next process may remove the record, or all of them (see
 * mem/slab.h).
 */
#ifndef LIMIT_ZONE_H
#define LIMIT_ZONE_H

#include "conf/value.h"
#include "conf/zone.h"
#include "http/site/template.h"

enum { LIMIT_KEY_MAX = 65535 };

struct limit_zone {
	struct str name;
	struct template *key; /* NULL: a directive uses the zone, but it is not defined yet */
	struct str file;      /* the line that mentions it first */
	int line;
	int64_t rate;     /* limit_req: thousandths of a request a second */
	size_t data_size; /* of each record */
	struct zone *memory;
	/* calls upward for each record after a worker has ended; it may remove the record.
	 * NULL: not needed */
	void (*on_death)(struct limit_zone *z, void *data);
};

struct limit_zones {
	struct pool_list list; /* struct limit_zone * */
};

/* ---- while the configuration is read */

/* For struct http_hooks: checks that every zone which was mentioned is defined. */
int limit_zones_check(struct conf *cf, void *zones);

/* Reads "zone=name:size". NULL after conf_fail. */
struct limit_zone *limit_zone_define(struct conf *cf, struct limit_zones *zones, struct str key,
				     struct str place, size_t data_size);
/* The zone with this name, which may be defined later. NULL: no memory. */
struct limit_zone *limit_zone_named(struct conf *cf, struct limit_zones *zones, struct str name);

/* ---- while serving */

/* False: this request has no key, so it is not limited. */
bool limit_zone_key(struct request *r, const struct limit_zone *z, struct str *key);

void limit_zone_lock(struct limit_zone *z);
void limit_zone_unlock(struct limit_zone *z);

/* Return the module's bytes. limit_zone_find: NULL if there is no record. limit_zone_add: the
 * bytes are zero; NULL if there is no room. */
void *limit_zone_find(struct limit_zone *z, struct str key);
void *limit_zone_add(struct limit_zone *z, struct str key, bool may_evict);
void limit_zone_remove(struct limit_zone *z, void *data);

#endif
