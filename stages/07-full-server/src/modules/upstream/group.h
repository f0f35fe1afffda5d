/*
 * group: the parts of an upstream. Only for the files of this folder; other files use
 * upstream.h.
 *
 * The servers come from the configuration. The members that change later are in two places. The
 * states are the numbers for the balancing; with `zone` the states are in memory that all
 * workers share. The connections, and the requests that wait for a connection, belong to this
 * process alone.
 */
#ifndef UPSTREAM_GROUP_H
#define UPSTREAM_GROUP_H

#include "conf/zone.h"
#include "http/site/template.h"
#include "modules/upstream/choose.h"
#include "modules/upstream/upstream.h"

struct share;

struct upstream {
	/* from the configuration */
	struct str name;
	/* the pool of the configuration, or of the request for which the upstream was made */
	struct pool *pool;
	struct str file; /* file and line where the name appears first */
	int line;
	int port;               /* the default port for addresses */
	bool defined;           /* the configuration has a block for this upstream */
	struct pool_list lines; /* struct backend; one element for each `server` of the block */
	int method;             /* enum balancing, or CONF_UNSET */
	struct template *key;   /* the key of `hash` */
	int64_t keepalive;      /* the highest number of idle connections */
	int64_t keepalive_requests, keepalive_timeout, keepalive_time;
	int64_t pool_max; /* connections to each server; 0 means no limit */
	int64_t queue_most, queue_timeout;
	struct str zone_name;
	int64_t zone_size;

	/* the backups are the last servers */
	struct backend *servers;
	uint32_t count, primaries;
	struct ring ring;

	/* the counts of each server */
	/* with a zone: valid only between count_lock and count_unlock */
	struct backend_state *states;
	struct zone *zone; /* NULL means that this process counts alone */
	/* the numbers that this process has added to the zone; NULL: the zone had no room */
	struct share *share;
	bool joined;     /* this process has tried to add its share */
	uint32_t resets; /* the number of the zone's resets at that time */
	uint32_t dice;

	/* used only by this process */
	struct list idle; /* struct link; the first one has been idle for the longest time */
	uint32_t idle_count;
	struct list queue; /* struct upstream_use, in the order in which the requests came */
	uint32_t queue_count;
	struct list news;    /* the link in the list of upstreams whose queues must be served */
	struct timer patrol; /* serves the queue from time to time */
};

struct upstream_stats { /* the numbers of this process */
	uint64_t idle, busy, waiting;
	uint64_t opened, reused, failed;
	uint64_t queued, overflowed, timed_out; /* of requests in queues */
};

extern struct upstream_stats upstream_stats;

/* Returns a struct choice for a request that has tried no server yet. */
struct choice choice_for_all(struct upstream *u);

/* Makes the servers from the lines of the block. Without lines, the name of the upstream is an
 * address, and becomes the only server. Returns NULL on success, otherwise a text that says
 * what is wrong. */
const char *group_init(struct upstream *u);

#endif
