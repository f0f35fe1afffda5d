/*
 * serve: the content handler of a location with proxy_pass: the request's body, the gate, the head
 * of the request; and a client that leaves.
 */
#ifndef PROXY_SERVE_H
#define PROXY_SERVE_H

#include "http/request/request.h"

enum phase_result proxy_serve(struct request *r);

#endif
