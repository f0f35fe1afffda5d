/*
 * cookie: changes the attributes of a Set-Cookie line. The domain and the path of the other
 * server become ours (proxy_cookie_domain, proxy_cookie_path); flags are added and removed
 * (proxy_cookie_flags).
 */
#ifndef PROXY_COOKIE_H
#define PROXY_COOKIE_H

#include "modules/proxy/message/rewriting.h"

/* The flags to add and to remove, for cookies with this name. */
struct cookie_rule {
	struct template *name;
	struct pattern *pattern; /* used if it is not NULL; otherwise `name` */
	bool secure, no_secure, http_only, no_http_only, no_same_site;
	struct str same_site; /* empty: unchanged */
};

enum rewrite_result rewrite_cookie(struct request *r, struct str value, struct str *changed);

/* Reads the arguments of proxy_cookie_flags; 0, or -1 after conf_fail. */
int cookie_rule_parse(struct conf *cf, struct cookie_rule *rule);

#endif
