/*
 * choose: which server gets the next request. These are pure functions: they look at the
 * servers, their states, the key of the request and a time that they are given. They change
 * only the states.
 *
 *     fitness      may this server be chosen at all?
 *
 *     down, tried by this request, failed lately      UNFIT
 *     max_conns or pool_max connections are used      FULL    the request may wait for it
 *     otherwise                                       FIT
 *
 * A method chooses among the servers that are not backups. If none of them is fit, the backups
 * are asked, in turn.
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
	/* the configuration */
	struct str name; /* "127.0.0.1:80", "unix:/path" */
	struct address address;
	uint32_t weight;
	uint32_t max_fails;   /* 0: it is never counted as failed */
	int64_t fail_timeout; /* ms */
	uint32_t max_conns;   /* 0: no limit */
	bool backup, down;

	/* counts only this process's connections */
	uint32_t busy;    /* connections that are used, or being made */
	struct list idle; /* struct link, the one used last first */
	uint32_t idle_count;
};

struct backend_state {
	int64_t current, effective; /* smooth weighted round robin */
	int64_t accessed;           /* ms: the last failure */
	int64_t checked;            /* the last failure, or the last attempt after it */
	uint32_t fails, conns;
};

struct choice {
	enum balancing method;
	const struct backend *servers;
	struct backend_state *states;
	/* how many servers; how many are no backups. The backups come last */
	uint32_t count, primaries;
	uint32_t pool_max;       /* 0: no limit */
	const struct ring *ring; /* hash consistent */
	const uint64_t *tried;   /* bit i: this request has tried server i */
	struct str key;          /* what ip_hash or hash use to choose */
	uint32_t *dice;          /* for random; not 0 */
	int64_t now;
};

enum { NO_SERVER = -1 };

enum fitness { FIT, FULL, UNFIT };

enum fitness choose_fitness(const struct choice *c, uint32_t i);
/* The best fitness of all servers. FULL: it is worth waiting. UNFIT: it is not. */
enum fitness choose_best_fitness(const struct choice *c);

int choose(const struct choice *c); /* Returns NO_SERVER: no server is fit. */

/* What a request reports about the server it had. */
void backend_succeeded(struct backend_state *s);
void backend_failed(const struct backend *server, struct backend_state *s, int64_t now);

/*
 * For `hash consistent`: each server has many points on a ring of 2^32 places, and a key
 * belongs to the next point. When a server comes or goes, only the keys at its own points move.
 */
struct ring_point {
	uint32_t place, server;
};

struct ring {
	struct ring_point *points;
	uint32_t count;
};

enum { RING_POINTS = 160 }; /* how many points a server has, times its weight */

/* r->points must have room for all points. If two points have the same place, the first one
 * stays. */
void ring_add(struct ring *r, uint32_t server, struct str name, uint32_t weight);
void ring_sort(struct ring *r);
/* returns the index of the next point */
uint32_t ring_find(const struct ring *r, uint32_t place);

#endif
