/*
 * etag: entity tags (RFC 9110, 8.8.3), and the lists of them in If-Match and
 * If-None-Match.
 *
 *     "abc"     strong: the same bytes
 *     W/"abc"   weak: as good as the same
 */
#ifndef HTTP_ETAG_H
#define HTTP_ETAG_H

#include "base/str.h"

/* Takes from the front of *list; false: it is used up. */
bool etag_next(struct str *list, struct str *tag);

bool etag_is_weak(struct str tag);

/* "*" is any tag. Strong: weak ones are equal to nothing, themselves neither. */
bool etag_is_in(struct str list, struct str tag, bool strong);

#endif
