/*
 * response: the status, the headers and the properties of an answer. Later the last filter
 * writes them as bytes.
 *
 * A content handler sets these members, calls filter_head, and then filter_body with the parts
 * of the body. Head filters may change the members. The last filter writes the head.
 *
 * `prepared` saves work: it contains the finished text of the header lines for type, length,
 * date of the last change, tag and ranges. A cached file has this text. When you change a
 * member that such a line shows (content_type, length, last_modified, etag, accept_ranges),
 * call response_touch, so that the lines are written again.
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
	struct str reason;       /* empty: the usual reason phrase is used */
	struct str content_type; /* empty: the response has no Content-Type */
	/* the charset of content_type; empty: the charset of the location, see
	 * response_charset */
	struct str charset;
	int64_t length;       /* bytes of the body, or LENGTH_UNKNOWN */
	time_t last_modified; /* TIME_UNKNOWN: the response has no Last-Modified */
	struct str etag;      /* with the quotes */
	struct str
	    location; /* absolute_redirect on: a path becomes a whole URL when it is written */
	/* The values of Date and Server that the upstream has sent. If they are empty, the
	 * server writes its own values. */
	struct str date, server;
	struct header_list headers;  /* all other lines */
	struct header_list trailers; /* header lines that follow a chunked body */
	struct str prepared;
	/* the handler can send parts of the body; the range filter decides if it does */
	bool ranges_allowed : 1;
	bool accept_ranges : 1; /* the response has the line "Accept-Ranges: bytes" */
	bool chunked : 1;
	/* The response has no body, because of its status: 204, 304, 412 or 416. For HEAD see
	 * request_is_head_only. */
	bool no_body : 1;
	bool head_sent : 1;
	bool has_trailers : 1; /* header lines follow the body, so the body is sent in chunks */
	/* the filter not_modified must not change this response (a built-in error page) */
	bool unconditional : 1;
};

void response_init(struct response *r);

static inline void response_touch(struct response *r)
{
	r->prepared.len = 0;
}

/* Call response_forget_length when a filter such as ssi or gzip changes the body. From then on
 * the length of the body is unknown, and ranges are not possible. */
void response_forget_length(struct response *r);
void response_forget_validators(struct response *r);

/* Sets the time of the last change. This time must not be later than the Date of the
 * response (RFC 9110, 8.8.2.1), so a later time becomes the current time. */
void response_set_modified(struct response *r, time_t when);

/* Returns the reason phrase, for example "Not Found". Returns an empty text for a status
 * that is not in the table. */
struct str status_reason(int status);

#endif
