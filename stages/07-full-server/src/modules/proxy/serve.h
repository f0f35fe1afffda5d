/*
 * serve: the content handler of a location with proxy_pass. It takes the request's body, asks
 * the gate, makes the head of the request, and notices when the client leaves.
 */
#ifndef PROXY_SERVE_H
#define PROXY_SERVE_H

#include "http/request/request.h"

enum phase_result proxy_serve(struct request *r);

#endif
