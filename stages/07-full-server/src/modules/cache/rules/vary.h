/*
 * vary: chooses between several answers to the same URI (RFC 9111, 4.1).
 *
 * An answer with `Vary: Accept-Language` fits all requests with the same Accept-Language. The
 * variant is a digest of the values of these fields in the request.
 *
 * The values are normalised first, so that requests with the same meaning have the same
 * variant. Several lines become one list. White space around members is removed. If upper and
 * lower case have the same meaning, all letters become lower case. The members of
 * Accept-Encoding are sorted.
 */
#ifndef CACHE_VARY_H
#define CACHE_VARY_H

#include "http/message/header.h"
#include "modules/cache/rules/md5.h"

enum { VARY_MOST = 1024 }; /* the most bytes of all Vary lines in a stored answer */

/* Returns the names in all Vary lines, in lower case, such as "a,b". Without a line, returns an
 * empty text. Returns data NULL when there is no memory, or when the lines are longer than
 * VARY_MOST. */
struct str vary_names(struct pool *p, const struct header_list *answer);

/* Fills `variant`. Returns -1 when there is no memory. */
int vary_variant(struct pool *p, const struct header_list *request, struct str names,
		 unsigned char variant[MD5_SIZE]);

#endif
