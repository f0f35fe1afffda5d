/*
 * serve: the content handler of a location with proxy_pass. The handler reads the request's
 * body, asks the gate, and makes the head of the request for the upstream. It also notices when
 * the client leaves.
 */
#ifndef PROXY_SERVE_H
#define PROXY_SERVE_H

#include "http/request/request.h"

enum phase_result proxy_serve(struct request *r);

#endif
