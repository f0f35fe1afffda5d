/*
 * manager: keeps a cache within its limits. It runs in the helper process.
 *
 *     LOADING --all files are in the index--> KEEPING ---- once a second: what was not used for
 *        ^                                       |         `inactive`, and what was used longest
 *        `---------- the index was lost ---------'         ago while there is too much
 *
 * In the state LOADING, the manager reads the whole folder. So the index learns the sizes of
 * files that an earlier process has stored. Requests find a file on the disk even before the
 * index contains it. In the state KEEPING, the manager removes files. In both states it works
 * in small portions, with pauses (struct cache_pace).
 */
#ifndef CACHE_MANAGER_H
#define CACHE_MANAGER_H

#include "modules/cache/files/path.h"

struct manager;

/* returns NULL when there is no memory */
struct manager *manager_create(struct pool *p, const struct cache_path *c);
void manager_stop(struct manager *m);

#endif
