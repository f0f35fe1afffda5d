/*
 * ask: makes the head of the request that is sent to another server.
 *
 *     GET /path HTTP/1.1
 *     Host: backend.example            a line of proxy_set_header, or the default
 *     Content-Length: 12               or Transfer-Encoding; always computed here
 *     Accept: ...                      the client's lines, except lines for one connection (hop.h)
 *     Via: 1.1 stage7
 *
 * A value from a client must not add a header line of its own. So a value that contains CR, LF
 * or NUL refuses the request.
 */
#ifndef PROXY_ASK_H
#define PROXY_ASK_H

#include "http/request/request.h"
#include "http/site/template.h"

struct header_rule { /* a line of proxy_set_header */
	struct str name;
	struct template *value;
};

struct ask {
	struct str method, target, host;
	int version;         /* HTTP_10, HTTP_11 */
	int64_t body_length; /* LENGTH_UNKNOWN means that the body is sent in chunks */
	/* the head contains the length of the body, even if this length is 0 */
	bool has_body;
	bool pass_headers;
	const struct pool_list *rules; /* struct header_rule; may be NULL */
	/* says which lines of the client are left out, in addition to the usual ones; may be
	 * NULL */
	bool (*leaves_out)(const struct header *h);
	/* lines to add, such as the conditions of a cache; may be NULL */
	const struct header_list *more;

	bool upgrades; /* result: the head contains an Upgrade line */
};

/* Stores the head in *head, in the request's pool, and returns 0. Otherwise returns the status
 * with which the request is refused. */
int ask_build(struct request *r, struct ask *ask, struct str *head);

#endif
