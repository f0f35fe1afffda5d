/*
 * uri: the path of a request in its normal form, and the way back.
 */
#ifndef HTTP_URI_H
#define HTTP_URI_H

#include "base/str.h"

/*
 * Decodes "%41", resolves "/./" and "/../", and, if asked to, makes one slash
 * of several; in this order. `to` has room for path.len bytes. False: a bad
 * escape, "%00", or a way above the root.
 */
bool uri_normalise(struct str path, bool merge_slashes, char *to, struct str *normal);

enum uri_part { URI_PATH, URI_ARG };

/* Escapes what may not stand there; `to` has room for 3 * s.len. */
char *put_escaped(char *to, struct str s, enum uri_part part);

size_t uri_unescape(struct str s, char *to); /* lenient: bad escapes stay */

/* The value of one argument in "a=1&b=2"; false: it is not there. */
bool uri_arg(struct str args, struct str name, struct str *value);

/* No "..", no NUL: fit to be opened below a root. */
bool uri_is_safe(struct str path);

#endif
