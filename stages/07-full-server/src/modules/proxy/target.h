/*
 * target: what proxy_pass says: which upstream, and which URI it is asked for.
 *
 *     location /a/ { proxy_pass http://u; }          the client's URI, byte by byte
 *     location /a/ { proxy_pass http://u/b/; }       /a/x becomes /b/x
 *     location /a/ { proxy_pass http://$host$uri; }  what the variables say
 *
 * A URI that was rewritten is sent as it is now, encoded again.
 */
#ifndef PROXY_TARGET_H
#define PROXY_TARGET_H

#include "http/request/request.h"
#include "http/site/template.h"

struct upstream;

/* The parts of "http://host:port/uri". */
struct url {
	struct str authority; /* for upstream_named: "host:port", "unix:/path" */
	struct str host;      /* for the Host line; the port is left out if it is 80 */
	struct str port;
	struct str uri; /* empty: the URL has no URI */
};

/* Of proxy_pass. */
struct target {
	/* if the URL has variables; NULL: it has none, and the members above are set */
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

/* Reads the argument of proxy_pass; NULL after conf_fail. */
struct target *target_parse(struct conf *cf, struct str text);

/* Returns 0, or the status to refuse with. */
int target_resolve(struct request *r, const struct target *t, struct destination *d);

#endif
