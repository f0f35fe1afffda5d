/*
 * count: what balancing knows about each server, counted by all workers together if there is a zone.
 *
 *     the zone:   table | state of each server | share of worker 1 | share of worker 2 ...
 *
 * A share says how many connections of each server that worker uses. When a worker has ended, whatever the
 * cause, the next process that locks the zone subtracts its share. When a worker was killed while it
 * changed the zone, the zone begins again with nothing, and each process adds its share again.
 */
#ifndef UPSTREAM_COUNT_H
#define UPSTREAM_COUNT_H

#include "modules/upstream/group.h"

/* How many bytes a zone must have for so many servers. */
size_t count_room(uint32_t servers);

/* u->states is valid between these. Without a zone they cost nothing. */
void count_lock(struct upstream *u);
void count_unlock(struct upstream *u);

/* With the lock held: a connection to that server is used from now on, or no longer. */
void count_in(struct upstream *u, uint32_t server);
void count_out(struct upstream *u, uint32_t server);

#endif
