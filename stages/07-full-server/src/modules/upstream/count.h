/*
 * count: what balancing knows about each server. If there is a zone, all workers count
 * together.
 *
 *     the zone:   table | state of each server | share of worker 1 | share of worker 2 ...
 *
 * A share says how many connections to each server that worker uses. When a worker has ended,
 * whatever the cause, the next process that locks the zone subtracts its share. When a worker
 * is killed while it changes the zone, the zone starts again at zero, and each process adds its
 * share again.
 */
#ifndef UPSTREAM_COUNT_H
#define UPSTREAM_COUNT_H

#include "modules/upstream/group.h"

/* The bytes that a zone needs for so many servers. */
size_t count_room(uint32_t servers);

/* u->states is valid between lock and unlock. Without a zone these two do nothing. */
void count_lock(struct upstream *u);
void count_unlock(struct upstream *u);

/* Call it with the lock held: one more connection to that server is used, or one fewer. */
void count_in(struct upstream *u, uint32_t server);
void count_out(struct upstream *u, uint32_t server);

#endif
