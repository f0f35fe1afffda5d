/*
 * control: the directives of Cache-Control (RFC 9111, 5.2), and of fields that are meant for
 * one kind of cache, such as CDN-Cache-Control (RFC 9213).
 *
 *     Cache-Control: max-age=60, s-maxage="600", no-cache="Set-Cookie"
 *
 * What cannot be understood makes an answer stale sooner, never later: the number of seconds
 * is 0 when it is no number, and the first of two different numbers counts. A directive whose
 * argument is a list of fields (`private`, `no-cache`) is taken as if it had none.
 *
 * The fields of RFC 9213 have a stricter grammar, a structured field. When one of them breaks
 * it, the whole field does not count.
 */
#ifndef CACHE_CONTROL_H
#define CACHE_CONTROL_H

#include "http/message/header.h"

enum {
	CONTROL_NO_STORE = 1 << 0,
	CONTROL_NO_CACHE = 1 << 1,
	CONTROL_PRIVATE = 1 << 2,
	CONTROL_PUBLIC = 1 << 3,
	CONTROL_MUST_REVALIDATE = 1 << 4,
	CONTROL_PROXY_REVALIDATE = 1 << 5,
	CONTROL_MUST_UNDERSTAND = 1 << 6,
	CONTROL_ONLY_IF_CACHED = 1 << 7, /* of requests */
};

enum { SECONDS_ABSENT = -1, SECONDS_MOST = INT32_MAX };

struct control {
	uint32_t has; /* CONTROL_* */
	/* seconds; SECONDS_ABSENT: there is no such directive */
	int64_t max_age, s_maxage;
	int64_t min_fresh, max_stale; /* of requests; max-stale without a number: SECONDS_MOST */
	int64_t stale_while_revalidate, stale_if_error; /* RFC 5861 */
};

/* Reads all lines with that name. False: there is none. */
bool control_read(struct control *c, const struct header_list *headers, struct str name);

/* The same by the grammar of RFC 9213. False: there is no line, it is empty, or it breaks the
 * grammar. */
bool control_read_targeted(struct control *c, const struct header_list *headers, struct str name);

/* Reads "600" as seconds. More than SECONDS_MOST becomes SECONDS_MOST. -1: it is no number. */
int64_t seconds_parse(struct str text);

#endif
