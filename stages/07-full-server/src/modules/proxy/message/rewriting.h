/*
 * rewriting: the other server names places by its own URLs: in Location and in Refresh.
 * proxy_redirect turns them into ours. Its rules serve cookies, too (cookie.h).
 */
#ifndef PROXY_REWRITING_H
#define PROXY_REWRITING_H

#include "conf/conf.h"
#include "http/request/request.h"
#include "http/site/template.h"

/* A rule: "from to" or "~pattern to". `from` and `to` may contain variables, `to` also
 * captures. */
struct rewrite_rule {
	struct template *from;
	struct pattern *pattern; /* both NULL: `default` */
	struct template *to;
};

enum rewrite_result {
	REWRITE_NONE, /* no rule matches */
	REWRITE_DONE,
	REWRITE_NO_MEMORY,
};

enum rewrite_match { MATCH_PREFIX, MATCH_DOMAIN };

/* Applies the first rule that matches. A prefix is replaced; if the rule has a pattern or a
 * domain, the whole value is replaced. */
enum rewrite_result rewrite_by(struct request *r, const struct pool_list *rules,
			       enum rewrite_match how, struct str value, struct str *changed);

/* Change the value of Location, and of Refresh. */
enum rewrite_result rewrite_redirect(struct request *r, struct str value, struct str *changed);
enum rewrite_result rewrite_refresh(struct request *r, struct str value, struct str *changed);

/* Reads args[1] and args[2]; 0, or -1 after conf_fail. */
int rewrite_rule_parse(struct conf *cf, struct rewrite_rule *rule);

#endif
