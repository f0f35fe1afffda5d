/*
 * fresh: the rules of a shared cache (RFC 9111, RFC 5861, RFC 9213). They say which answers may
 * be stored, how long an answer is fresh, and how a stored answer may be used. The functions
 * only compute. They use no file, no connection and no clock.
 *
 *     an answer comes ----> storable_judge ----> not stored, or stored with its `freshness`
 *
 *     a request comes:              no                        USE_NOTHING (504)
 *     is an answer stored? ----------> only-if-cached? ----<
 *        | yes                                                ask the server
 *        v
 *     freshness_use ----> USE_FRESH           send the answer
 *                    `--> USE_STALE           send the stale answer: the client accepts it
 *                    `--> USE_WHILE_UPDATING  send the stale answer, and refresh it
 *                    `--> USE_VALIDATED       ask the server whether the answer is still valid
 *                              `---- the server fails: freshness_use_on_error
 *
 * All times are seconds since 1970. The age of an answer is counted from `born`, the time when
 * the origin server made the answer. This time is computed from Date, from Age and from the
 * delay of the request (RFC 9111, 4.2.3).
 */
#ifndef CACHE_FRESH_H
#define CACHE_FRESH_H

#include "modules/cache/rules/control.h"

struct freshness {
	int64_t born;
	int64_t fresh_until;      /* the answer is fresh while now < fresh_until */
	int64_t while_revalidate; /* seconds after fresh_until; 0 means never */
	int64_t if_error;         /* seconds after fresh_until; 0 means never */
	bool validate_always;     /* because of no-cache */
	bool never_stale;         /* because of must-revalidate, proxy-revalidate or s-maxage */
};

/* Header fields of the answer that are ignored (proxy_ignore_headers), as bits. */
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
	const struct str *targets; /* names of targeted fields; the first one has precedence */
	size_t target_count;
	uint32_t ignored; /* bits IGNORE_* */
	int64_t asked;    /* the time when the request was sent */
	int64_t came;     /* the time when the head came */
	/* the lifetime in the configuration for this status; SECONDS_ABSENT: none */
	int64_t ruled;
	bool authorized;   /* the request had Authorization */
	bool not_to_store; /* the request had `Cache-Control: no-store` */
};

/* Fills `f`. Returns false when the answer must not be stored. */
bool storable_judge(const struct arrival *a, struct freshness *f);

int64_t freshness_age(const struct freshness *f, int64_t now);

enum use { USE_FRESH, USE_STALE, USE_WHILE_UPDATING, USE_VALIDATED, USE_NOTHING };

/* `request` contains the directives of the request, from request_control. */
enum use freshness_use(const struct freshness *f, const struct control *request, int64_t now);

/* Returns true when a stored answer may be used because the server fails or answers 5xx.
 * `allowed`: the configuration permits this. */
bool freshness_use_on_error(const struct freshness *f, const struct control *request, int64_t now,
			    bool allowed);

/* Reads the Cache-Control of a request. Without Cache-Control, reads Pragma (RFC 9111, 5.4). */
void request_control(struct control *c, const struct header_list *headers);

/* Returns true for a successful answer to an unsafe method. The stored answer for the same URL
 * must not be used any more (RFC 9111, 4.4). */
bool is_invalidating(struct str method, int status);

/* ---- the header lines that are stored, and their update */

/* Fills `to` with the header lines that a cache stores (RFC 9111, 3.1). Returns -1 when there
 * is no memory. */
int headers_to_store(struct pool *p, const struct header_list *from, struct header_list *to);

/* Fills `to` with the stored lines, updated by `news`, the lines of a 304 (RFC 9111, 3.2). */
int headers_update(struct pool *p, const struct header_list *stored, const struct header_list *news,
		   struct header_list *to);

#endif
