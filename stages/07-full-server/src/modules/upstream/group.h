/*
 * group: what an upstream is made of: its servers and what is counted about them. For the files
 * of this room; others see upstream.h.
 *
 * The configuration makes a struct server. What changes while serving is in two places. The state
 * is what balancing counts, and may lie in memory that all workers share. The connections are
 * this process's own.
 */
#ifndef UPSTREAM_GROUP_H
#define UPSTREAM_GROUP_H

#include "base/list.h"
#include "io/address.h"
#include "mem/pool.h"
#include "modules/upstream/choose.h"
#include "modules/upstream/upstream.h"

struct upstream {
	struct str name;
	struct pool *pool; /* of the configuration, or of the request that has made it */
	struct str file;   /* where it was mentioned first */
	int line;
	int port;     /* for an address without one */
	bool defined; /* by a block */

	/* the servers: backups come last */
	struct pool_list lines; /* struct server, in the order of the file, until all are read */
	struct server *servers;
	struct server_state *states;
	uint32_t count, primaries;
	uint32_t turn; /* for random: where its numbers are */
	int method;    /* enum method */

	/* the connections of this process */
	int64_t keepalive; /* how many may be idle */
	int64_t keepalive_requests, keepalive_timeout, keepalive_time;
	int64_t pool_max; /* how many to each server; 0: no limit */
	struct list idle; /* struct link, the oldest first */
	uint32_t idle_count;
};

/* The connections of this process, and the requests that wait for one. */
struct upstream_stats {
	uint64_t idle, busy, waiting;
	uint64_t opened, reused, failed;
};

extern struct upstream_stats upstream_stats;

/* Makes the servers from their lines, or from the name, which is then an address. -1: `problem` says
 * why, or there is no memory. */
int group_init(struct upstream *u, const char **problem);

#endif
