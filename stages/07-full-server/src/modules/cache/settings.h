/*
 * settings: what the proxy_cache* directives of a location say.
 */
#ifndef CACHE_SETTINGS_H
#define CACHE_SETTINGS_H

#include "http/request/request.h"
#include "http/site/template.h"
#include "modules/cache/files/path.h"

/* proxy_cache_use_stale */
enum {
	STALE_ON_ERROR = 1 << 0,
	STALE_ON_TIMEOUT = 1 << 1,
	STALE_ON_INVALID_HEADER = 1 << 2,
	STALE_WHILE_UPDATING = 1 << 3,
	STALE_ON_403 = 1 << 4,
	STALE_ON_404 = 1 << 5,
	STALE_ON_429 = 1 << 6,
	STALE_ON_500 = 1 << 7,
	STALE_ON_502 = 1 << 8,
	STALE_ON_503 = 1 << 9,
	STALE_ON_504 = 1 << 10,
	STALE_OFF = 1 << 11,
};

struct valid_rule { /* proxy_cache_valid */
	int status; /* 0: any */
	int64_t seconds;
};

struct cache_settings {
	struct template *zone; /* its name, or "off"; NULL: likewise */
	int line;              /* the line that names it, for error messages */
	struct str file;
	const struct cache_path *path; /* NULL: no cache, or it depends on the request */
	const struct pool_list *paths; /* all of them */
	struct template *key;          /* NULL: the key is the URL that the upstream is asked for */
	struct pool_list *valid;       /* struct valid_rule */
	int methods;                   /* METHOD_* */
	int64_t min_uses;
	int lock;
	int64_t lock_timeout, lock_age; /* ms */
	int use_stale;                  /* STALE_* */
	int background_update, revalidate, convert_head;
	struct pool_list *bypass, *no_store; /* struct template * */
	int64_t max_range_offset;            /* CONF_UNSET after merging: no limit */
	struct pool_list *targets; /* struct str: names of fields for caches like this one */
};

extern struct module cache_module;

static inline const struct cache_settings *cache_settings_of(const struct request *r)
{
	return request_section(r, LEVEL_LOCATION, &cache_module);
}

extern const struct directive cache_directives[];
int cache_settings_merge(struct conf *cf, void *outer, void *inner);

/* The cache that proxy_cache names for this request; NULL: none. -1: it names one that does not
 * exist, which is logged; or there is no memory. */
int cache_path_for(struct request *r, const struct cache_settings *s,
		   const struct cache_path **path);
/* Seconds; SECONDS_ABSENT: proxy_cache_valid does not name this status. */
int64_t cache_valid_for(const struct cache_settings *s, int status);
/* The STALE_ON_* bit of a status; 0: it does not count as a failure. */
int cache_stale_bit(int status);
/* True: at least one of the conditions holds. */
bool cache_condition_holds(struct request *r, const struct pool_list *conditions);

#endif
