/*
 * target: the argument of proxy_pass. It says which upstream is asked, and for which URI.
 *
 *     location /a/ { proxy_pass http://u; }          the client's URI, byte by byte
 *     location /a/ { proxy_pass http://u/b/; }       /a/x becomes /b/x
 *     location /a/ { proxy_pass http://$host$uri; }  the values of the variables
 *
 * If a rewrite has changed the client's URI, the proxy encodes the new URI and sends it.
 */
#ifndef PROXY_TARGET_H
#define PROXY_TARGET_H

#include "http/request/request.h"
#include "http/site/template.h"

struct upstream;

/* The parts of "http://host:port/uri". */
struct url {
	struct str authority; /* for upstream_named: "host:port" or "unix:/path" */
	struct str host;      /* for the Host line; port 80 is left out */
	struct str port;
	struct str uri; /* empty means that the URL has no URI */
};

/* The parsed argument of proxy_pass. */
struct target {
	/* The URL as a template, if it has variables. NULL means that it has no variables; then
	 * `url` and `upstream` are set. */
	struct template *text;
	struct str source; /* the argument of proxy_pass */
	struct url url;
	struct upstream *upstream;
};

/* The target of one request. */
struct destination {
	struct upstream *upstream;
	struct str host, port;
	struct str uri; /* the target in the request line */
};

/* Reads the argument of proxy_pass. Returns NULL after conf_fail. */
struct target *target_parse(struct conf *cf, struct str text);

/* Returns 0, or the status with which the request is refused. */
int target_resolve(struct request *r, const struct target *t, struct destination *d);

#endif
