/*
 * limit_zone: what limit_conn and limit_req remember about each key, in a
 * bounded amount of memory.
 *
 *     limit_req_zone $binary_remote_addr zone=one:10m rate=1r/s;
 *
 * A record is a few bytes of the module's own behind its key. When the zone is
 * full, the one that was used longest ago makes place, if the module allows it:
 * forgetting who asked long ago harms nobody, forgetting who is here does.
 *
 * Everything about where the memory comes from is in record_alloc and
 * record_free. A zone belongs to one process.
 */
#ifndef HTTP_LIMIT_ZONE_H
#define HTTP_LIMIT_ZONE_H

#include "base/list.h"
#include "conf/value.h"
#include "http/template.h"

enum { LIMIT_ZONE_LEAST = 32768, LIMIT_KEY_MAX = 65535 };

struct limit_zone {
	struct str name;
	struct template *key; /* NULL: mentioned, not defined yet */
	struct str file;      /* where it was mentioned first */
	int line;
	int64_t rate;        /* limit_req: thousandths of a request a second */
	size_t data_size;    /* of each record */
	size_t room, used;   /* bytes */
	struct hash records; /* by key */
	struct list by_use;  /* the one used last first */
};

struct limit_zones {
	struct pool_list list; /* struct limit_zone * */
};

/* ---- while the configuration is read */

/* "zone=name:size"; NULL after conf_fail. */
struct limit_zone *limit_zone_define(struct conf *cf, struct limit_zones *zones, struct str key,
				     struct str place, size_t data_size);
/* It may be defined later; NULL: no memory. */
struct limit_zone *limit_zone_named(struct conf *cf, struct limit_zones *zones, struct str name);
/* For init_main: all that were mentioned have been defined. */
int limit_zones_check(struct conf *cf, const struct limit_zones *zones);

extern const struct conf_name limit_log_levels[];
extern const struct conf_range limit_statuses;

/* ---- while serving */

/* False: this request has no key, and is not limited. */
bool limit_zone_key(struct request *r, const struct limit_zone *z, struct str *key);

/* The module's bytes; NULL: there are none (find), there is no room (add, where they are
 * zeroed). */
void *limit_zone_find(struct limit_zone *z, struct str key);
void *limit_zone_add(struct limit_zone *z, struct str key, bool may_evict);
void limit_zone_remove(struct limit_zone *z, void *data);

/* What became of a request; kept in struct request, for variables. */
enum limit_status {
	LIMIT_NOT_ASKED,
	LIMIT_PASSED,
	LIMIT_DELAYED,
	LIMIT_REJECTED,
	LIMIT_DELAYED_DRY_RUN,
	LIMIT_REJECTED_DRY_RUN,
};

bool limit_status_name(enum limit_status status, struct str *name);

#endif
