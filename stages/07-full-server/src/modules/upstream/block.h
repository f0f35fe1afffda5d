/*
 * block: the list of all upstreams of the configuration.
 */
#ifndef UPSTREAM_BLOCK_H
#define UPSTREAM_BLOCK_H

#include "modules/upstream/group.h"

/* Returns the i-th upstream of this worker. Returns NULL when there are no more. */
struct upstream *upstream_serving(size_t i);

#endif
