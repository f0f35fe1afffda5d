/*
 * block: which upstreams the configuration has.
 */
#ifndef UPSTREAM_BLOCK_H
#define UPSTREAM_BLOCK_H

#include "modules/upstream/group.h"

/* In the process that serves: the i-th of them; NULL: there are no more. */
struct upstream *upstream_serving(size_t i);

#endif
