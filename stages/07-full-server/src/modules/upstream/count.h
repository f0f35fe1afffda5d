/*
 * count: the numbers of each server that the balancing uses. If there is a zone, all workers
 * count together.
 *
 *     the zone:   table | state of each server | share of worker 1 | share of worker 2 ...
 *
 * A share contains the number of connections that one worker uses, for each server. When a
 * worker has ended for any reason, the next process that locks the zone subtracts the share of
 * this worker. When a worker is killed while it changes the zone, all counts start again at
 * zero, and each process adds its own share again.
 */
#ifndef UPSTREAM_COUNT_H
#define UPSTREAM_COUNT_H

#include "modules/upstream/group.h"

/* Returns how many bytes a zone for this number of servers needs at least. */
size_t count_room(uint32_t servers);

/* u->states is valid only between count_lock and count_unlock. Without a zone these two
 * functions do nothing. */
void count_lock(struct upstream *u);
void count_unlock(struct upstream *u);

/* Call them with the lock held, when a connection to that server is used (count_in) or not used
 * any more (count_out). */
void count_in(struct upstream *u, uint32_t server);
void count_out(struct upstream *u, uint32_t server);

#endif
