/*
 * keepalive: decides whether the connection stays open after this response.
 */
#ifndef HTTP_KEEPALIVE_H
#define HTTP_KEEPALIVE_H

#include "http/request/request.h"

/* What the client wants, by its head. */
bool keepalive_is_wanted(const struct request *r);

/* False: the next request cannot be found reliably in the input, or it is too far away. */
bool keepalive_is_safe(const struct request *r);

#endif
