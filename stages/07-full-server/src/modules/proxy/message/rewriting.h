/*
 * rewriting: replaces URLs of the other server by ours, in Location and in Refresh
 * (proxy_redirect). The rules for cookies use the same functions (cookie.h).
 */
#ifndef PROXY_REWRITING_H
#define PROXY_REWRITING_H

#include "conf/conf.h"
#include "http/request/request.h"
#include "http/site/template.h"

/* A rule has the form "from to" or "~pattern to". `from` and `to` may contain variables. `to`
 * may also contain captures. */
struct rewrite_rule {
	struct template *from;
	/* if `from` and `pattern` are both NULL, the rule is `default` */
	struct pattern *pattern;
	struct template *to;
};

enum rewrite_result {
	REWRITE_NONE, /* no rule matches */
	REWRITE_DONE,
	REWRITE_NO_MEMORY,
};

enum rewrite_match { MATCH_PREFIX, MATCH_DOMAIN };

/* Applies the first rule that matches. A rule with a prefix replaces only the prefix. A rule
 * with a pattern or a domain replaces the whole value. */
enum rewrite_result rewrite_by(struct request *r, const struct pool_list *rules,
			       enum rewrite_match how, struct str value, struct str *changed);

/* Change the value of Location and the value of Refresh. */
enum rewrite_result rewrite_redirect(struct request *r, struct str value, struct str *changed);
enum rewrite_result rewrite_refresh(struct request *r, struct str value, struct str *changed);

/* Reads args[1] and args[2]. Returns 0, or -1 after conf_fail. */
int rewrite_rule_parse(struct conf *cf, struct rewrite_rule *rule);

#endif
