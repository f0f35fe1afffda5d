/*
 * escape: puts bytes from outside into a text with a syntax of its own.
 *
 * Like all put_*: they append, and return the end of what they wrote.
 */
#ifndef BASE_ESCAPE_H
#define BASE_ESCAPE_H

#include "base/str.h"

enum { ESCAPED_MAX = 6 }; /* one byte becomes at most so many */

char *put_json(char *to, struct str s); /* between the quotes of a JSON string */
char *put_html(char *to, struct str s); /* in HTML and XML, text or attribute */

#endif
