/*
 * ranges: which parts of a representation a Range header asks for (RFC 9110, 14).
 *
 * Parts beyond the end are left out. A part that overlaps the one before it is joined with it.
 * If the parts would cost more than the whole, or jump back and forth, they do not come from a
 * normal reader: the answer is the whole.
 */
#ifndef HTTP_RANGES_H
#define HTTP_RANGES_H

#include "mem/pool.h"

struct range {
	int64_t from, to; /* [from, to) */
};

enum ranges_result {
	RANGES_GOOD,          /* at least one part is left */
	RANGES_IGNORE,        /* as if the header were not there */
	RANGES_UNSATISFIABLE, /* all of them are beyond the end */
};

/* `value`: of the header. `list` gets a struct range for each part, in the order of the
 * header. */
enum ranges_result ranges_parse(struct pool *p, struct str value, int64_t size, int64_t most,
				struct pool_list *list);

#endif
