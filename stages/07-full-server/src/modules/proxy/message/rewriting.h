/*
 * rewriting: what the other server says about places in its own world is turned into ours:
 * Location and Refresh (proxy_redirect), the domain, the path and the flags of cookies
 * (proxy_cookie_domain, proxy_cookie_path, proxy_cookie_flags).
 */
#ifndef PROXY_REWRITING_H
#define PROXY_REWRITING_H

#include "http/request/request.h"
#include "http/site/template.h"

struct directive;

enum rewrite_result {
	REWRITE_NONE, /* no rule matches */
	REWRITE_DONE,
	REWRITE_NO_MEMORY,
};

/* The value of Location, Refresh, Set-Cookie. */
enum rewrite_result rewrite_redirect(struct request *r, struct str value, struct str *changed);
enum rewrite_result rewrite_refresh(struct request *r, struct str value, struct str *changed);
enum rewrite_result rewrite_cookie(struct request *r, struct str value, struct str *changed);

/* Setters of the directives, for a member `struct pool_list *`. */
int rewriting_set_redirect(struct conf *cf, const struct directive *d, void *section);
int rewriting_set_cookie(struct conf *cf, const struct directive *d, void *section);
int rewriting_set_flags(struct conf *cf, const struct directive *d, void *section);

/* The rules when there is no proxy_redirect: `default`. NULL after conf_fail. */
struct pool_list *rewriting_default(struct conf *cf);

#endif
