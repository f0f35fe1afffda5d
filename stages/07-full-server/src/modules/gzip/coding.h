/*
 * coding: content codings (RFC 9110, 8.4 and 12.5.3). The server knows only gzip.
 */
#ifndef GZIP_CODING_H
#define GZIP_CODING_H

#include "http/request/request.h"

/* Returns true when the client accepts gzip and does not prefer the plain form. */
bool accepts_gzip(struct request *r);

bool varies(const struct request *r); /* gzip_vary is on */

/* Called when the response depends on Accept-Encoding. Adds a Vary line, so that caches know
 * this. Returns -1 when there is no memory. */
int add_vary_encoding(struct request *r);

int add_content_encoding(struct request *r, struct str coding);

#endif
