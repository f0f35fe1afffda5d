/*
 * coding: content codings (RFC 9110, 8.4 and 12.5.3). There is one: gzip.
 */
#ifndef GZIP_CODING_H
#define GZIP_CODING_H

#include "http/request/request.h"

/* True: the client accepts gzip, and does not prefer the plain form. */
bool accepts_gzip(struct request *r);

bool varies(const struct request *r); /* gzip_vary */

/* The response depends on Accept-Encoding: adds Vary, so that caches know. -1: no memory. */
int add_vary_encoding(struct request *r);

int add_content_encoding(struct request *r, struct str coding);

#endif
