/*
 * etag: entity tags (RFC 9110, 8.8.3), and the lists of them in If-Match and
 * If-None-Match.
 *
 *     "abc"     strong: the same bytes
 *     W/"abc"   weak: equivalent, but perhaps other bytes
 */
#ifndef HTTP_ETAG_H
#define HTTP_ETAG_H

#include "base/str.h"

/* Takes the first tag from *list; false: the list is empty. */
bool etag_next(struct str *list, struct str *tag);

bool etag_is_weak(struct str tag);

/* "*" matches any tag. `strong`: a weak tag matches nothing, not even itself. */
bool etag_is_in(struct str list, struct str tag, bool strong);

#endif
