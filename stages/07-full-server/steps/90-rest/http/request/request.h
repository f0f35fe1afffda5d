/*
 * request: one request and its response. It lives in a pool, and so does all that is made for it.
 */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include "http.h"
#include "http/message/parse.h"
#include "http/request/body.h"

struct request {
	struct pool *pool;
	struct request_line line; /* points into the input */
	int refusal;              /* the status to refuse it with; 0: none */
	int large_inputs;         /* larger buffers used for this head */
	int hosts;                /* lines with the name of a host */
	bool wants_close, wants_keepalive, expects;
	struct body body;
	struct response response;
};

#endif
