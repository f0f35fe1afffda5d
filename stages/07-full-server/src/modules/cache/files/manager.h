/*
 * manager: keeps a cache within its limits. It runs in the helper process.
 *
 *     LOADING --all files are in the index--> KEEPING
 *        ^                                       |
 *        `------- the index is empty again ------'
 *
 * In the state LOADING, the manager reads the whole folder. So the index learns the sizes of
 * files that an earlier process has stored. Requests find a file on the disk even before the
 * index contains it.
 *
 * In the state KEEPING, the manager looks at the index once per second. It removes each file
 * that was not used for the time `inactive`. While the files together are too large, it also
 * removes the least recently used file. In both states the manager works in small portions,
 * with pauses (struct cache_pace).
 */
#ifndef CACHE_MANAGER_H
#define CACHE_MANAGER_H

#include "modules/cache/files/path.h"

struct manager;

/* returns NULL when there is no memory */
struct manager *manager_create(struct pool *p, const struct cache_path *c);
void manager_stop(struct manager *m);

#endif
