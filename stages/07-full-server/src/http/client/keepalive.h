/*
 * keepalive: whether the connection stays open behind this response.
 */
#ifndef HTTP_KEEPALIVE_H
#define HTTP_KEEPALIVE_H

#include "http/request/request.h"

/* By the client, who says so in its head. */
bool keepalive_is_wanted(const struct request *r);

/* By the limits of the location that answers. */
bool keepalive_is_allowed(const struct request *r);

/* After these answers the connection cannot be trusted to be in step. */
bool keepalive_survives(int status);

#endif
