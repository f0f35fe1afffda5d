/*
 * ranges: which parts of a representation a Range header asks for (RFC 9110, 14).
 *
 * Parts beyond the end are left out. A part that overlaps the one before it is joined with it.
 * A set that costs more than the whole, or jumps back and forth, is not from a normal reader:
 * the answer is the whole.
 */
#ifndef HTTP_RANGES_H
#define HTTP_RANGES_H

#include "mem/pool.h"

struct range {
	int64_t from, to; /* [from, to) */
};

enum ranges_result {
	RANGES_GOOD,          /* there is at least one */
	RANGES_IGNORE,        /* as if the header were not there */
	RANGES_UNSATISFIABLE, /* all of them are beyond the end */
};

/* `value`: of the header. `list` gets struct range, in the order in which they were asked for. */
enum ranges_result ranges_parse(struct pool *p, struct str value, int64_t size, int64_t most,
				struct pool_list *list);

#endif
