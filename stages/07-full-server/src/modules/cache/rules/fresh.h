/*
 * fresh: what a shared cache may store, for how long an answer is fresh, and what may be done
 * with one that is stored (RFC 9111, RFC 5861, RFC 9213). All of these only compute: no file,
 * no connection, no clock is touched.
 *
 *     an answer comes ----> storable_judge ----> not stored, or stored with its `freshness`
 *
 *                                   no                        USE_NOTHING (504)
 *     a request comes: is it stored? ----> only-if-cached? --<
 *        | yes                                                ask the server
 *        v
 *     freshness_use ----> USE_FRESH         send it
 *                    `--> USE_STALE         send it: the client accepts that
 *                    `--> USE_WHILE_UPDATING  send it, and refresh it meanwhile
 *                    `--> USE_VALIDATED     ask the server whether it is still good
 *                              `---- the server fails: freshness_use_on_error
 *
 * Times are seconds since 1970. The age of an answer is counted from `born`, the moment when
 * it left its origin as far as its Date, its Age and the delay of its way say (4.2.3).
 */
#ifndef CACHE_FRESH_H
#define CACHE_FRESH_H

#include "modules/cache/rules/control.h"

struct freshness {
	int64_t born;
	int64_t fresh_until;      /* fresh while now < fresh_until */
	int64_t while_revalidate; /* seconds after that; 0: none */
	int64_t if_error;         /* likewise */
	bool validate_always;     /* no-cache */
	bool never_stale;         /* by must-revalidate, proxy-revalidate, s-maxage */
};

/* Header fields of the answer that do not count: proxy_ignore_headers. */
enum {
	IGNORE_X_ACCEL_EXPIRES = 1 << 0,
	IGNORE_EXPIRES = 1 << 1,
	IGNORE_CACHE_CONTROL = 1 << 2,
	IGNORE_SET_COOKIE = 1 << 3,
	IGNORE_VARY = 1 << 4,
};

struct arrival {
	int status;
	const struct header_list *headers;
	const struct str *targets; /* names of targeted fields; the first has precedence */
	size_t target_count;
	uint32_t ignored; /* IGNORE_* */
	int64_t asked;    /* when the request was sent */
	int64_t came;     /* when the head came */
	/* the lifetime that the configuration gives to this status; SECONDS_ABSENT: none */
	int64_t ruled;
	bool authorized;   /* the request had Authorization */
	bool not_to_store; /* the request had `Cache-Control: no-store` */
};

/* False: the answer must not be stored. */
bool storable_judge(const struct arrival *a, struct freshness *f);

int64_t freshness_age(const struct freshness *f, int64_t now);

enum use { USE_FRESH, USE_STALE, USE_WHILE_UPDATING, USE_VALIDATED, USE_NOTHING };

/* `request`: the directives of the request, from request_control. */
enum use freshness_use(const struct freshness *f, const struct control *request, int64_t now);

/* Used when the server cannot be asked, or answers 5xx. `allowed`: the configuration permits
 * it. */
bool freshness_use_on_error(const struct freshness *f, const struct control *request, int64_t now,
			    bool allowed);

/* The Cache-Control of a request; if there is none, its Pragma (5.4). */
void request_control(struct control *c, const struct header_list *headers);

/* True: a successful answer to an unsafe method. What is stored for its URI must not be used
 * any more (4.4). */
bool is_invalidating(struct str method, int status);

/* ---- the header lines that are stored, and their update */

/* Fills `to` with the header lines that a cache stores (3.1). -1: no memory. */
int headers_to_store(struct pool *p, const struct header_list *from, struct header_list *to);

/* The stored lines, updated from `news`, the lines of the server's 304 (3.2). */
int headers_update(struct pool *p, const struct header_list *stored, const struct header_list *news,
		   struct header_list *to);

#endif
