/*
 * settings: the values of the proxy_cache* directives in one location.
 */
#ifndef CACHE_SETTINGS_H
#define CACHE_SETTINGS_H

#include "http/request/request.h"
#include "http/site/template.h"
#include "modules/cache/files/path.h"

/* The cases of proxy_cache_use_stale, as bits. */
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

struct valid_rule { /* one rule of proxy_cache_valid */
	int status; /* 0 means any status */
	int64_t seconds;
};

struct cache_settings {
	struct template *zone; /* the name of the zone, or "off"; NULL means "off" */
	int line;              /* file and line of proxy_cache, for error messages */
	struct str file;
	/* NULL means that there is no cache, or that the cache depends on the request */
	const struct cache_path *path;
	const struct pool_list *paths; /* all caches */
	/* NULL means that the key is the URL of the request to the upstream */
	struct template *key;
	struct pool_list *valid; /* struct valid_rule */
	int methods;             /* bits METHOD_* */
	int64_t min_uses;
	int lock;
	int64_t lock_timeout, lock_age; /* in ms */
	int use_stale;                  /* bits STALE_* */
	int background_update, revalidate, convert_head;
	struct pool_list *bypass, *no_store; /* struct template * */
	int64_t max_range_offset;            /* CONF_UNSET means no limit */
	/* struct str: the names of header fields for caches like this one */
	struct pool_list *targets;
};

extern struct module cache_module;

static inline const struct cache_settings *cache_settings_of(const struct request *r)
{
	return request_section(r, LEVEL_LOCATION, &cache_module);
}

extern const struct directive cache_directives[];
int cache_settings_merge(struct conf *cf, void *outer, void *inner);

/* Finds the cache that proxy_cache names for this request. *path NULL means that there is none.
 * Returns -1 when the name is unknown, which is logged, or when there is no memory. */
int cache_path_for(struct request *r, const struct cache_settings *s,
		   const struct cache_path **path);
/* Returns the seconds of proxy_cache_valid for this status. Returns SECONDS_ABSENT when there
 * is no rule for the status. */
int64_t cache_valid_for(const struct cache_settings *s, int status);
/* Returns the STALE_ON_* bit of a status. Returns 0 when the status is not a failure. */
int cache_stale_bit(int status);
/* Returns true when at least one of the conditions is true. */
bool cache_condition_holds(struct request *r, const struct pool_list *conditions);

#endif
