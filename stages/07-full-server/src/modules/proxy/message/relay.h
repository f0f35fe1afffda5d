/*
 * relay: the head of a reply, fresh or stored, becomes the head of our response.
 *
 * Left out: what concerns the other connection (hop.h), what the proxy computes itself, what
 * proxy_hide_header and the defaults hide. Changed: Location and Refresh by proxy_redirect,
 * Set-Cookie by proxy_cookie_*. X-Accel-* lines are instructions for us and are hidden.
 */
#ifndef PROXY_RELAY_H
#define PROXY_RELAY_H

#include "modules/proxy/message/reply.h"
#include "modules/proxy/proxy.h"
#include "modules/proxy/settings.h"

/* What X-Accel-* lines ask for. */
struct accel {
	struct str redirect;
	int buffering; /* CONF_UNSET, 0, 1 */
};

/* Fills r->out. Returns 0; or -1: there is no memory, or a line cannot be passed on, which is
 * logged. */
int relay_head(struct request *r, int status, const struct header_list *headers, int64_t length);

/* The same for a head that is stored. What it becomes in a location is worked out once. */
int relay_stored(struct request *r, const struct gate_head *h);

/* Reads the X-Accel-* lines, unless proxy_ignore_headers names them. The rate limit and the
 * charset are set at once. */
void relay_accel(struct request *r, const struct header_list *headers, struct accel *accel);

/* An interim answer (1xx), for clients that understand it. */
int relay_interim(struct request *r, const struct reply *reply);

/* The text of a head that is sent unchanged: "HTTP/1.1 101 ...". `more`: further lines. */
struct str relay_plain_head(struct request *r, const struct reply *reply, struct str more);

#endif
