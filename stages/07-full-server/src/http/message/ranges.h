/*
 * ranges: which parts of a representation a Range header asks for (RFC 9110, 14).
 *
 * Parts beyond the end are left out. A part that overlaps the part before it is joined with
 * that part. If all parts together cost more than the whole, or if they jump back more than
 * twice, the request gets the whole representation. A normal client does not send such a
 * request.
 */
#ifndef HTTP_RANGES_H
#define HTTP_RANGES_H

#include "mem/pool.h"

struct range {
	int64_t from, to; /* the bytes from `from` on; `to` is behind the last byte */
};

enum ranges_result {
	RANGES_GOOD,          /* at least one part is left */
	RANGES_IGNORE,        /* answer as if there were no Range header */
	RANGES_UNSATISFIABLE, /* all parts are beyond the end */
};

/* `value` is the value of the header; a header with more than `most` parts is ignored.
 * `list` gets a struct range for each part that is left, in the order of the header. */
enum ranges_result ranges_parse(struct pool *p, struct str value, int64_t size, int64_t most,
				struct pool_list *list);

#endif
