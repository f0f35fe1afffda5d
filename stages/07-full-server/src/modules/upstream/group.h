/*
 * group: what an upstream is made of. For the files of this room; others see upstream.h.
 *
 * The configuration makes its servers. What changes while serving is in two places. The states are what
 * balancing counts; with `zone` they lie in memory that all workers share. The connections, and the
 * requests that wait for one, are this process's own.
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
	struct pool *pool; /* of the configuration, or of the request that has made it */
	struct str file;   /* where it was mentioned first */
	int line;
	int port;               /* for an address without one */
	bool defined;           /* by a block */
	struct pool_list lines; /* struct backend: one for each `server` of the block */
	int method;             /* enum balancing, or CONF_UNSET */
	struct template *key;   /* of hash */
	int64_t keepalive;      /* how many connections may be idle */
	int64_t keepalive_requests, keepalive_timeout, keepalive_time;
	int64_t pool_max; /* connections to each server; 0: no limit */
	int64_t queue_most, queue_timeout;
	struct str zone_name;
	int64_t zone_size;

	/* the servers, the backups last */
	struct backend *servers;
	uint32_t count, primaries;
	struct ring ring;

	/* what is counted about them */
	struct backend_state *states; /* with a zone: valid between count_lock and count_unlock */
	struct zone *zone;            /* NULL: this process counts alone */
	struct share *share;          /* what this process has added there */
	bool joined;                  /* that was made */
	uint32_t resets;              /* of the zone at that time */
	uint32_t dice;

	/* this process */
	struct list idle; /* struct link, the oldest first */
	uint32_t idle_count;
	struct list queue; /* struct upstream_use, the first is the next */
	uint32_t queue_count;
	struct list news;    /* something has changed for its queue */
	struct timer patrol; /* looks at the queue now and then */
};

struct upstream_stats { /* of this process */
	uint64_t idle, busy, waiting;
	uint64_t opened, reused, failed;
	uint64_t queued, overflowed, timed_out; /* requests in queues */
};

extern struct upstream_stats upstream_stats;

/* What choose() has to know, of a request that has had no server yet. */
struct choice choice_for_all(struct upstream *u);

/* Makes the servers from the lines; without a line, from the name, which is then an address. Returns what is
 * wrong, or NULL. */
const char *group_init(struct upstream *u);

#endif
