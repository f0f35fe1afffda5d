/*
 * record: what became of each attempt to get an answer from an upstream: for the $upstream_*
 * variables. It stays with the request through redirects.
 */
#ifndef PROXY_RECORD_H
#define PROXY_RECORD_H

#include "http/request/request.h"

enum { NOT_MEASURED = -1 };

struct attempt {
	struct str server;    /* "127.0.0.1:80" */
	int status;           /* 0: none yet */
	int64_t began;        /* ms */
	int64_t connect_time; /* ms; NOT_MEASURED: the attempt has not come so far */
	int64_t header_time, response_time;
	/* bytes: length of the body, received and sent on the connection */
	int64_t length, received, sent;
	bool redirected; /* before this attempt the request was sent to another location */
};

/* Adds an attempt. NULL: no memory. */
struct attempt *record_attempt(struct request *r, bool redirected);

/* The head of the last reply, for $upstream_http_NAME. */
void record_headers(struct request *r, const struct header_list *headers);

int record_declare(struct conf *cf); /* the variables */

#endif
