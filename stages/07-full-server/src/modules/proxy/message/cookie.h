/*
 * cookie: changes the attributes of a Set-Cookie line. The rules replace the domain and the
 * path of the other server by ours (proxy_cookie_domain, proxy_cookie_path), and add and remove
 * flags (proxy_cookie_flags).
 */
#ifndef PROXY_COOKIE_H
#define PROXY_COOKIE_H

#include "modules/proxy/message/rewriting.h"

/* The flags that are added and removed, for cookies with this name. */
struct cookie_rule {
	struct template *name;
	struct pattern *pattern; /* if this is NULL, `name` is used */
	bool secure, no_secure, http_only, no_http_only, no_same_site;
	struct str same_site; /* empty means that the attribute stays unchanged */
};

enum rewrite_result rewrite_cookie(struct request *r, struct str value, struct str *changed);

/* Reads the arguments of proxy_cookie_flags. Returns 0, or -1 after conf_fail. */
int cookie_rule_parse(struct conf *cf, struct cookie_rule *rule);

#endif
