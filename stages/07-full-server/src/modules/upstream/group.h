/*
 * group: what an upstream consists of. Only for the files of this folder; others use
 * upstream.h.
 *
 * The configuration makes its servers. What changes later is in two places. The states are what
 * balancing counts; with `zone` they lie in memory that all workers share. The connections, and
 * the requests that wait for a connection, belong to this process alone.
 */
#ifndef UPSTREAM_GROUP_H
#define UPSTREAM_GROUP_H

#include "conf/zone.h"
#include "http/site/template.h"
#include "modules/upstream/choose.h"
#include "modules/upstream/upstream.h"

struct share;

struct upstream {
	/* the configuration */
	struct str name;
	/* the pool of the configuration, or of the request that made the upstream */
	struct pool *pool;
	struct str file; /* the line that mentions it first */
	int line;
	int port;               /* the default port for addresses */
	bool defined;           /* by a block */
	struct pool_list lines; /* struct backend: one for each `server` of the block */
	int method;             /* enum balancing, or CONF_UNSET */
	struct template *key;   /* of hash */
	int64_t keepalive;      /* how many idle connections are kept */
	int64_t keepalive_requests, keepalive_timeout, keepalive_time;
	int64_t pool_max; /* connections to each server; 0: no limit */
	int64_t queue_most, queue_timeout;
	struct str zone_name;
	int64_t zone_size;

	/* the servers; backups are last */
	struct backend *servers;
	uint32_t count, primaries;
	struct ring ring;

	/* the counts of each server */
	struct backend_state *states; /* with a zone: valid between count_lock and count_unlock */
	struct zone *zone;            /* NULL: this process counts alone */
	struct share *share;          /* the numbers that this process has added to the zone */
	bool joined;                  /* that was made */
	uint32_t resets;              /* the zone's number when that was done */
	uint32_t dice;

	/* this process */
	struct list idle; /* struct link, the one idle longest first */
	uint32_t idle_count;
	struct list queue; /* struct upstream_use, in the order in which they are served */
	uint32_t queue_count;
	struct list news;    /* its link in the list of upstreams whose queue must be looked at */
	struct timer patrol; /* looks at the queue from time to time */
};

struct upstream_stats { /* of this process */
	uint64_t idle, busy, waiting;
	uint64_t opened, reused, failed;
	uint64_t queued, overflowed, timed_out; /* requests in queues */
};

extern struct upstream_stats upstream_stats;

/* Fills in what choose() needs, for a request that has had no server yet. */
struct choice choice_for_all(struct upstream *u);

/* Makes the servers from the lines. Without lines, the name is an address, and becomes the only
 * server. Returns what is wrong, or NULL. */
const char *group_init(struct upstream *u);

#endif
