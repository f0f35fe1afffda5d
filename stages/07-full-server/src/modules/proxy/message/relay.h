/*
 * relay: makes the head of our response from the head of a reply, which may be new or stored.
 *
 * Some lines are left out: lines for the other connection only (hop.h), lines that the proxy
 * computes itself, and lines that are hidden by proxy_hide_header or by default. X-Accel-*
 * lines are instructions for this proxy, so they are hidden too. Some lines are changed:
 * Location and Refresh by proxy_redirect, Set-Cookie by proxy_cookie_*.
 */
#ifndef PROXY_RELAY_H
#define PROXY_RELAY_H

#include "modules/proxy/message/reply.h"
#include "modules/proxy/proxy.h"
#include "modules/proxy/settings.h"

/* The instructions in X-Accel-* lines. */
struct accel {
	struct str redirect;
	int buffering; /* CONF_UNSET, 0 or 1 */
};

/* Fills r->out. Returns 0. Returns -1 when there is no memory, or when a line cannot be passed
 * on. The second case is logged. */
int relay_head(struct request *r, int status, const struct header_list *headers, int64_t length);

/* Does the same for a stored head. In one location, the result is computed only once and then
 * used again. */
int relay_stored(struct request *r, const struct gate_head *h);

/* Reads the X-Accel-* lines, except those that proxy_ignore_headers names. X-Accel-Limit-Rate
 * and X-Accel-Charset change the request in this call. The other values are stored in *accel
 * for the caller. */
void relay_accel(struct request *r, const struct header_list *headers, struct accel *accel);

/* Sends an interim answer (1xx) to a client that understands it. */
int relay_interim(struct request *r, const struct reply *reply);

/* Returns the text of a head that is sent unchanged, such as "HTTP/1.1 101 ...". `more`
 * contains additional lines. */
struct str relay_plain_head(struct request *r, const struct reply *reply, struct str more);

#endif
