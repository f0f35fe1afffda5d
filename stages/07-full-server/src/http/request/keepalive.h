/*
 * keepalive: decides whether the connection stays open after this response.
 */
#ifndef HTTP_KEEPALIVE_H
#define HTTP_KEEPALIVE_H

#include "http/request/request.h"

/* What the client wants, by its head. */
bool keepalive_is_wanted(const struct request *r);

/* What the limits of the location allow. */
bool keepalive_is_allowed(const struct request *r);

/* After an answer with such a status the start of the next request in the input is not
 * certain. */
bool keepalive_survives(int status);

#endif
