/*
 * tries: gets a reply: a connection, the request on it, the head of the reply. If a server
 * fails before that, the next server is asked.
 */
#ifndef PROXY_TRIES_H
#define PROXY_TRIES_H

#include "modules/proxy/exchange.h"

enum phase_result tries_begin(struct exchange *x);

#endif
