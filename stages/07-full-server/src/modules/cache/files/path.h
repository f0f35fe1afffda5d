/*
 * path: the directive proxy_cache_path. A path has a folder with stored answers and the memory
 * of its index.
 *
 *     proxy_cache_path /var/cache/pages levels=1:2 keys_zone=pages:10m inactive=1d max_size=10g;
 */
#ifndef CACHE_PATH_H
#define CACHE_PATH_H

#include "conf/temp_path.h"
#include "conf/value.h"
#include "conf/zone.h"
#include "io/temp_file.h"

/* How much work the manager does in one portion. The pauses between portions leave the disk and
 * the processor to other work. */
struct cache_pace {
	int64_t files;            /* the most files in one portion */
	int64_t threshold, sleep; /* in ms */
};

struct cache_path {
	const struct pool_list *all; /* the list that contains this path */
	struct str name;             /* the name of the zone */
	struct zone *zone;
	struct temp_folder *folder;
	bool use_temp_path;         /* new files are written in proxy_temp_path */
	int64_t inactive;           /* in ms: a file that was not used for so long is removed */
	int64_t max_size, min_free; /* in bytes; CONF_UNSET means no limit */
	struct cache_pace manager, loader;
};

/* The setter of proxy_cache_path. `section` is a struct pool_list of struct cache_path *. */
int cache_path_set(struct conf *cf, const struct directive *d, void *section);

/* Returns NULL when no path has this name. */
struct cache_path *cache_path_named(const struct pool_list *paths, struct str name);

static inline struct cache_path *cache_path_at(const struct pool_list *paths, size_t i)
{
	return ((struct cache_path **)paths->items)[i];
}

#endif
