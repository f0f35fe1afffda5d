/*
 * escape: writes bytes that may come from a client into JSON or HTML. Bytes that have a meaning
 * in JSON or HTML are escaped, so that they cannot change its structure.
 *
 * Like all functions put_*, these append to a buffer and return the end of the bytes that they
 * wrote.
 */
#ifndef BASE_ESCAPE_H
#define BASE_ESCAPE_H

#include "base/str.h"

enum { ESCAPED_MAX = 6 }; /* one byte becomes at most 6 bytes */

char *put_json(char *to, struct str s); /* for the inside of a JSON string */
char *put_html(char *to, struct str s); /* for text and attributes of HTML and XML */

#endif
