/*
 * control: reads the directives of Cache-Control (RFC 9111, 5.2). It also reads header fields
 * for one kind of cache, such as CDN-Cache-Control (RFC 9213).
 *
 *     Cache-Control: max-age=60, s-maxage="600", no-cache="Set-Cookie"
 *
 * A wrong directive may make an answer stale earlier, but never later. If the number of seconds
 * is not a number, it counts as 0. If a directive comes twice, its first number counts. A list
 * of fields as an argument (`private`, `no-cache`) is ignored: the directive counts for the
 * whole answer.
 *
 * The fields of RFC 9213 have a stricter grammar (structured fields). If a field breaks the
 * grammar, the whole field is ignored.
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
	CONTROL_ONLY_IF_CACHED = 1 << 7, /* only in requests */
};

enum { SECONDS_ABSENT = -1, SECONDS_MOST = INT32_MAX };

struct control {
	uint32_t has; /* bits CONTROL_* */
	/* in seconds; SECONDS_ABSENT means that there is no such directive */
	int64_t max_age, s_maxage;
	/* only in requests; max-stale without a number is SECONDS_MOST */
	int64_t min_fresh, max_stale;
	int64_t stale_while_revalidate, stale_if_error; /* RFC 5861 */
};

/* Reads all lines with that name. Returns false when there is no such line. */
bool control_read(struct control *c, const struct header_list *headers, struct str name);

/* Does the same with the grammar of RFC 9213. Returns false when there is no such line, when it
 * is empty, or when it breaks the grammar. */
bool control_read_targeted(struct control *c, const struct header_list *headers, struct str name);

/* Reads "600" as seconds. A larger number than SECONDS_MOST becomes SECONDS_MOST. Returns -1
 * when the text is not a number. */
int64_t seconds_parse(struct str text);

#endif
