/*
 * path: proxy_cache_path, a folder with cached answers and the memory of its index.
 *
 *     proxy_cache_path /var/cache/pages levels=1:2 keys_zone=pages:10m inactive=1d max_size=10g;
 */
#ifndef CACHE_PATH_H
#define CACHE_PATH_H

#include "conf/temp_path.h"
#include "conf/value.h"
#include "conf/zone.h"
#include "io/temp_file.h"

/* How much work the manager does at once. The pauses give other work the disk and the
 * processor. */
struct cache_pace {
	int64_t files;            /* at most */
	int64_t threshold, sleep; /* ms */
};

struct cache_path {
	const struct pool_list *all; /* the list that this path is in */
	struct str name;             /* of its zone */
	struct zone *zone;
	struct temp_folder *folder;
	bool use_temp_path;         /* files are written in proxy_temp_path */
	int64_t inactive;           /* ms: a file that was not used for so long is removed */
	int64_t max_size, min_free; /* bytes; CONF_UNSET: no limit */
	struct cache_pace manager, loader;
};

/* Setter of proxy_cache_path, for a section that is a struct pool_list of struct cache_path
 * *. */
int cache_path_set(struct conf *cf, const struct directive *d, void *section);

/* NULL: no path has this name. */
struct cache_path *cache_path_named(const struct pool_list *paths, struct str name);

static inline struct cache_path *cache_path_at(const struct pool_list *paths, size_t i)
{
	return ((struct cache_path **)paths->items)[i];
}

#endif
