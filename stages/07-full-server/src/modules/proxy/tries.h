/*
 * tries: the way to a reply: a connection, the request on it, the head of the reply; and when a
 * server fails on this way, the next one.
 */
#ifndef PROXY_TRIES_H
#define PROXY_TRIES_H

#include "modules/proxy/exchange.h"

enum phase_result tries_begin(struct exchange *x);

#endif
