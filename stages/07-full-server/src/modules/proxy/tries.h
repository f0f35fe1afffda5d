/*
 * tries: gets a reply from a server. This takes three steps: get a connection, send the
 * request, read the head of the reply. If a server fails before the head is complete, the next
 * server is asked.
 */
#ifndef PROXY_TRIES_H
#define PROXY_TRIES_H

#include "modules/proxy/exchange.h"

enum phase_result tries_begin(struct exchange *x);

#endif
