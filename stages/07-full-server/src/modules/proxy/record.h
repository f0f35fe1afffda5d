/*
 * record: the result of each attempt to get a reply from an upstream, for the $upstream_*
 * variables. The record stays with the request through redirects.
 */
#ifndef PROXY_RECORD_H
#define PROXY_RECORD_H

#include "http/request/request.h"

enum { NOT_MEASURED = -1 };

struct attempt {
	struct str server; /* such as "127.0.0.1:80" */
	int status;        /* 0 means that there is no status yet */
	int64_t began;     /* in ms */
	/* in ms; NOT_MEASURED means that the attempt ended before the connection was made */
	int64_t connect_time;
	int64_t header_time, response_time;
	/* in bytes: the body, all that was received, all that was sent */
	int64_t length, received, sent;
	bool redirected; /* the request was sent to another location before this attempt */
};

/* Adds an attempt. Returns NULL when there is no memory. */
struct attempt *record_attempt(struct request *r, bool redirected);

/* Stores the head of the last reply, for $upstream_http_NAME. */
void record_headers(struct request *r, const struct header_list *headers);

int record_declare(struct conf *cf); /* declares the variables */

#endif
