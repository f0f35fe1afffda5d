#include "modules/proxy/message/rewriting.h"

#include "conf/value.h"
#include "http/request/value.h"
#include "http/site/location.h"
#include "modules/proxy/settings.h"
#include "modules/proxy/target.h"

static struct str behind(struct str s, size_t skip)
{
	return (struct str){s.data + skip, s.len - skip};
}

static struct str without_dot(struct str domain)
{
	return str_starts(domain, STR(".")) ? behind(domain, 1) : domain;
}

static enum rewrite_result replace(struct request *r, const struct rewrite_rule *rule,
				   struct str rest, struct str *changed)
{
	struct str to;

	if (template_eval(r, rule->to, &to) < 0)
		return REWRITE_NO_MEMORY;
	*changed = pool_print(r->pool, "%.*s%.*s", STR_ARGS(to), STR_ARGS(rest));
	return changed->data != NULL ? REWRITE_DONE : REWRITE_NO_MEMORY;
}

/* The replacement needs the captures of this pattern. Afterwards the request gets its old
 * captures back. */
static enum rewrite_result by_pattern(struct request *r, const struct rewrite_rule *rule,
				      struct str value, struct str *changed)
{
	struct str captures[CAPTURES_MAX];
	uint32_t count = r->capture_count;
	enum rewrite_result result = REWRITE_NONE;

	memcpy(captures, r->captures, sizeof(captures));
	if (request_match(r, rule->pattern, value))
		result = replace(r, rule, STR_NONE, changed);
	memcpy(r->captures, captures, sizeof(captures));
	r->capture_count = count;
	return result;
}

static enum rewrite_result by_text(struct request *r, const struct rewrite_rule *rule,
				   enum rewrite_match how, struct str value, struct str *changed)
{
	struct str from;

	if (template_eval(r, rule->from, &from) < 0)
		return REWRITE_NO_MEMORY;
	if (how == MATCH_DOMAIN)
		return str_equal_nocase(without_dot(from), without_dot(value))
			   ? replace(r, rule, STR_NONE, changed)
			   : REWRITE_NONE;
	return str_starts(value, from) ? replace(r, rule, behind(value, from.len), changed)
				       : REWRITE_NONE;
}

/* The rule `default` replaces the URL of proxy_pass by the name of the location. */
static enum rewrite_result by_default(struct request *r, struct str value, struct str *changed)
{
	const struct target *t = proxy_target_of(r);
	struct str from, to = r->location != NULL ? r->location->name : STR_NONE;

	if (t == NULL || t->text != NULL)
		return REWRITE_NONE;
	from = t->source;
	if (t->url.uri.len == 0) {
		if (!str_starts(value, from) || !str_starts(behind(value, from.len), STR("/")))
			return REWRITE_NONE;
		to = STR_NONE;
	}
	if (!str_starts(value, from))
		return REWRITE_NONE;
	value = behind(value, from.len);
	*changed = pool_print(r->pool, "%.*s%.*s", STR_ARGS(to), STR_ARGS(value));
	return changed->data != NULL ? REWRITE_DONE : REWRITE_NO_MEMORY;
}

static bool is_default(const struct rewrite_rule *rule)
{
	return rule->from == NULL && rule->pattern == NULL;
}

enum rewrite_result rewrite_by(struct request *r, const struct pool_list *rules,
			       enum rewrite_match how, struct str value, struct str *changed)
{
	for (size_t i = 0; rules != NULL && i < rules->count; i++) {
		const struct rewrite_rule *rule = &((struct rewrite_rule *)rules->items)[i];
		enum rewrite_result result = is_default(rule) ? by_default(r, value, changed)
					     : rule->pattern != NULL
						 ? by_pattern(r, rule, value, changed)
						 : by_text(r, rule, how, value, changed);

		if (result != REWRITE_NONE)
			return result;
	}
	return REWRITE_NONE;
}

enum rewrite_result rewrite_redirect(struct request *r, struct str value, struct str *changed)
{
	const struct pool_list *rules = proxy_location_of(r)->redirects;

	if (rules == NULL)
		return by_default(r, value, changed);
	return rewrite_by(r, rules, MATCH_PREFIX, value, changed);
}

/* Changes the URL in "5; url=http://example.org/". */
enum rewrite_result rewrite_refresh(struct request *r, struct str value, struct str *changed)
{
	enum rewrite_result result = REWRITE_NONE;
	struct str url, place;
	size_t at = 0;

	while (at + 4 <= value.len &&
	       !str_equal_nocase((struct str){value.data + at, 4}, STR("url=")))
		at++;
	if (at + 4 > value.len)
		return REWRITE_NONE;
	url = behind(value, at + 4);
	result = rewrite_redirect(r, url, &place);
	if (result != REWRITE_DONE)
		return result;
	*changed = pool_print(r->pool, "%.*s%.*s", (int)(at + 4), value.data, STR_ARGS(place));
	return changed->data != NULL ? REWRITE_DONE : REWRITE_NO_MEMORY;
}

static int parse_pattern(struct conf *cf, struct rewrite_rule *rule)
{
	struct str source = behind(cf->args[1], 1);
	bool ignore_case = str_starts(source, STR("*"));

	if (ignore_case)
		source = behind(source, 1);
	rule->pattern = conf_pattern(cf, source, ignore_case);
	return rule->pattern != NULL ? 0 : -1;
}

int rewrite_rule_parse(struct conf *cf, struct rewrite_rule *rule)
{
	if (str_starts(cf->args[1], STR("~"))) {
		if (parse_pattern(cf, rule) < 0)
			return -1;
	} else {
		rule->from = template_compile(cf, cf->args[1]);
		if (rule->from == NULL)
			return -1;
	}
	rule->to = template_compile(cf, cf->args[2]);
	return rule->to != NULL ? 0 : -1;
}
