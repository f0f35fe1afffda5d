/*
 * ask: the head of the request that is sent to another server.
 *
 *     GET /path HTTP/1.1
 *     Host: backend.example            proxy_set_header, with its defaults
 *     Content-Length: 12               or Transfer-Encoding; always computed here
 *     Accept: ...                      what the client has sent, except what ends here
 *     Via: 1.1 stage7
 *
 * No value that a client chooses can become a line of its own: a value with CR, LF or NUL in it
 * refuses the request.
 */
#ifndef PROXY_ASK_H
#define PROXY_ASK_H

#include "http/request/request.h"
#include "http/site/template.h"

struct header_rule { /* proxy_set_header */
	struct str name;
	struct template *value;
};

struct ask {
	struct str method, target, host;
	int version;         /* HTTP_10, HTTP_11 */
	int64_t body_length; /* LENGTH_UNKNOWN: the body is sent in chunks */
	bool has_body;       /* the head says the body's length, even if it is 0 */
	bool pass_headers;
	const struct pool_list *rules; /* struct header_rule; may be NULL */
	/* lines of the client to leave out, in addition to the usual ones; may be NULL */
	bool (*leaves_out)(const struct header *h);
	/* lines to add, such as the conditions of a cache; may be NULL */
	const struct header_list *more;

	bool upgrades; /* result: the head has an Upgrade line */
};

/* Returns 0: *head is in the request's pool. Otherwise it is the status to refuse with. */
int ask_build(struct request *r, struct ask *ask, struct str *head);

#endif
