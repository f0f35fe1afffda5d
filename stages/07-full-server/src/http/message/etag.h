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

/* Takes the first tag from *list. Returns false when the list is empty. */
bool etag_next(struct str *list, struct str *tag);

bool etag_is_weak(struct str tag);

/* Returns true if a tag of `list` matches `tag`. "*" matches any tag. If `strong` is true, a
 * weak tag matches nothing, not even the same weak tag. */
bool etag_is_in(struct str list, struct str tag, bool strong);

#endif
