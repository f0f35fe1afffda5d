/*
 * coding: content codings (RFC 9110, 8.4 and 12.5.3). There is one: gzip.
 */
#ifndef GZIP_CODING_H
#define GZIP_CODING_H

#include "http/request/request.h"

/* The client takes gzip, and does not like the plain form better. */
bool accepts_gzip(struct request *r);

/* The response is one of several, by what the client accepts: caches must know. -1: no memory. */
int add_vary_encoding(struct request *r);

int add_content_encoding(struct request *r, struct str coding);

#endif
