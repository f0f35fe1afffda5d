/*
 * keepalive: whether the connection stays open behind this response.
 */
#ifndef HTTP_KEEPALIVE_H
#define HTTP_KEEPALIVE_H

#include "http/request.h"

/* When the location is known: what the client wants, and what the limits allow. */
void keepalive_decide(struct request *r);

/* After these answers the connection cannot be trusted to be in step. */
bool keepalive_survives(int status);

#endif
