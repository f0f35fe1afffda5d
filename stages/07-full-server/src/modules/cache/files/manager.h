/*
 * manager: keeps a cache within its limits, in the helper process.
 *
 *     LOADING --all files are in the index--> KEEPING ---- once a second: what was not used for
 *        ^                                       |         `inactive`, and what was used longest
 *        `---------- the index was lost ---------'         ago while there is too much
 *
 * LOADING reads all of the folder. So the index learns the sizes of files that an earlier
 * process has stored. A request finds a file on the disk even before it is loaded. Both states
 * work in small portions, with pauses (struct cache_pace).
 */
#ifndef CACHE_MANAGER_H
#define CACHE_MANAGER_H

#include "modules/cache/files/path.h"

struct manager;

struct manager *manager_create(struct pool *p, const struct cache_path *c); /* NULL: no memory */
void manager_stop(struct manager *m);

#endif
