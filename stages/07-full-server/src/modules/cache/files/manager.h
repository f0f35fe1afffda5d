/*
 * manager: keeps a cache within its limits, in the helper process.
 *
 *     LOADING --all files are in the index--> KEEPING ---- once a second: what was not used for
 *        ^                                       |         `inactive`, and what was used longest
 *        `---------- the index was lost ---------'         ago while there is too much
 *
 * Loading: the folder is read from its beginning, so that sizes and uses are known of what an
 * earlier process has stored. Until a file is loaded, a request finds it on the disk all the
 * same. Both are done in small portions with pauses (struct cache_pace).
 */
#ifndef CACHE_MANAGER_H
#define CACHE_MANAGER_H

#include "modules/cache/files/path.h"

struct manager;

struct manager *manager_create(struct pool *p, const struct cache_path *c); /* NULL: no memory */
void manager_stop(struct manager *m);

#endif
