/*
 * choose: decides which server gets the next request. The functions use only their arguments:
 * the servers, their states, the key of the request and the time. They change only the states.
 *
 *     fitness      may this server be chosen at all?
 *
 *     down, tried by this request, failed lately      UNFIT
 *     max_conns or pool_max connections are used      FULL    the request may wait for it
 *     otherwise                                       FIT
 *
 * A method chooses among the servers that are not backups. If none of these servers is fit, the
 * backups are asked in turn.
 */
#ifndef UPSTREAM_CHOOSE_H
#define UPSTREAM_CHOOSE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "base/str.h"
#include "io/address.h"

enum balancing {
	BALANCE_ROUND_ROBIN,
	BALANCE_LEAST_CONN,
	BALANCE_IP_HASH,
	BALANCE_HASH,
	BALANCE_HASH_CONSISTENT,
	BALANCE_RANDOM,
	BALANCE_RANDOM_TWO,
};

struct backend {
	/* from the configuration */
	struct str name; /* such as "127.0.0.1:80" or "unix:/path" */
	struct address address;
	uint32_t weight;
	uint32_t max_fails;   /* 0 means that failures do not count */
	int64_t fail_timeout; /* in ms */
	uint32_t max_conns;   /* 0 means no limit */
	bool backup, down;

	/* the connections of this process only */
	uint32_t busy;    /* connections that are used or are being made */
	struct list idle; /* struct link; the first one is the most recently used */
	uint32_t idle_count;
};

struct backend_state {
	int64_t current, effective; /* for smooth weighted round robin */
	int64_t accessed;           /* in ms: the time of the last failure */
	/* in ms: the last failure, or the last attempt after this failure */
	int64_t checked;
	uint32_t fails, conns;
};

struct choice {
	enum balancing method;
	const struct backend *servers;
	struct backend_state *states;
	/* count: all servers; primaries: the servers that are not backups. The backups come
	 * last. */
	uint32_t count, primaries;
	uint32_t pool_max;       /* 0 means no limit */
	const struct ring *ring; /* for hash consistent */
	const uint64_t *tried;   /* bit i means that this request has tried server i */
	struct str key;          /* the value from which ip_hash or hash chooses */
	uint32_t *dice;          /* the state of the random numbers; not 0 */
	int64_t now;
};

enum { NO_SERVER = -1 };

enum fitness { FIT, FULL, UNFIT };

enum fitness choose_fitness(const struct choice *c, uint32_t i);
/* Returns the best fitness of all servers. With FULL the request may wait, with UNFIT waiting
 * does not help. */
enum fitness choose_best_fitness(const struct choice *c);

int choose(const struct choice *c); /* returns NO_SERVER when no server is fit */

/* Report the result of a request to the balancing. */
void backend_succeeded(struct backend_state *s);
void backend_failed(const struct backend *server, struct backend_state *s, int64_t now);

/*
 * For `hash consistent`: each server has many points on a ring of 2^32 places. The server of a
 * key is the server of the next point. When a server is added or removed, only the keys at the
 * points of this server move.
 */
struct ring_point {
	uint32_t place, server;
};

struct ring {
	struct ring_point *points;
	uint32_t count;
};

enum { RING_POINTS = 160 }; /* points per unit of weight */

/* r->points must have room for all points. If two points have the same place, ring_sort keeps
 * only the first one. */
void ring_add(struct ring *r, uint32_t server, struct str name, uint32_t weight);
void ring_sort(struct ring *r);
/* returns the index of the first point at `place` or after it */
uint32_t ring_find(const struct ring *r, uint32_t place);

#endif
