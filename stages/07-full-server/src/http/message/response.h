/*
 * response: the answer, before it becomes bytes.
 *
 * A content handler fills it in, calls filter_head, then filter_body with the
 * parts of the body. Head filters change what is here; the last one writes it.
 *
 * `prepared` is a shortcut: the lines for type, length, date, tag and ranges already spelled
 * out (a cached file has them). When you change one of those members, call response_touch, so
 * that the lines are written again.
 */
#ifndef HTTP_RESPONSE_H
#define HTTP_RESPONSE_H

#include <time.h>

#include "http/message/header.h"

enum { LENGTH_UNKNOWN = -1, TIME_UNKNOWN = -1 };

static inline bool status_is_redirect(int status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

struct response {
	int status;
	struct str reason;       /* empty: the usual reason phrase */
	struct str content_type; /* empty: no such line */
	struct str charset;      /* its charset; empty: the location's, see response_charset */
	int64_t length;          /* of the body; LENGTH_UNKNOWN */
	time_t last_modified;    /* TIME_UNKNOWN: none */
	struct str etag;         /* with its quotes */
	struct str location;     /* relative ones are made absolute when they are written */
	/* Date and Server of the server that a proxy has asked; empty: our own */
	struct str date, server;
	struct header_list headers;  /* all other lines */
	struct header_list trailers; /* after a chunked body */
	struct str prepared;
	bool ranges_allowed : 1; /* the handler can deliver parts; the range filter decides */
	bool accept_ranges : 1;  /* say so */
	bool chunked : 1;
	/* a status without a body: 204, 304, 412. For HEAD see request_is_head_only */
	bool no_body : 1;
	bool head_sent : 1;
	bool has_trailers : 1;  /* header lines follow the body, so it is sent in chunks */
	bool unconditional : 1; /* not_modified must not change it (built-in error pages) */
};

void response_init(struct response *r);

static inline void response_touch(struct response *r)
{
	r->prepared.len = 0;
}

/* Call it when you change the body: its length is unknown then, and ranges are not possible
 * (ssi, gzip). */
void response_forget_length(struct response *r);
void response_forget_validators(struct response *r);

/* The time of the last change, but never later than now, which is the Date of the answer (RFC
 * 9110, 8.8.2.1). */
void response_set_modified(struct response *r, time_t when);

struct str status_reason(int status); /* "Not Found"; empty: this status has no name here */

#endif
