/*
 * vary: which of several answers to one URI fits a request (RFC 9111, 4.1).
 *
 * An answer with `Vary: Accept-Language` fits the requests that have the same Accept-Language.
 * The variant is a digest of the values of those fields in the request.
 *
 * First the values are normalised, so that requests that mean the same have the same variant.
 * Several lines become one list. White space around members is removed. Where upper and lower
 * case mean the same, letters become lower case. For Accept-Encoding the members are sorted.
 */
#ifndef CACHE_VARY_H
#define CACHE_VARY_H

#include "http/message/header.h"
#include "modules/cache/rules/md5.h"

enum { VARY_MOST = 1024 }; /* bytes of all Vary lines of an answer that is stored */

/* The names of all Vary lines in lower case, "a,b"; empty: there is no line. data NULL: no
 * memory, or longer than VARY_MOST. */
struct str vary_names(struct pool *p, const struct header_list *answer);

/* -1: no memory. */
int vary_variant(struct pool *p, const struct header_list *request, struct str names,
		 unsigned char variant[MD5_SIZE]);

#endif
