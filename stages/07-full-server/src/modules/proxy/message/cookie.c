#include "modules/proxy/message/cookie.h"

#include "conf/value.h"
#include "http/request/value.h"
#include "modules/proxy/settings.h"

/* One part of "name=value; Domain=x; Secure". */
struct attribute {
	struct str name, value;
	bool has_value;
};

static struct attribute split(struct str part)
{
	const char *equals = memchr(part.data, '=', part.len);
	const char *end = part.data + part.len;

	if (equals == NULL)
		return (struct attribute){part, STR_NONE, false};
	return (struct attribute){str_trim(str_between(part.data, equals)),
				  str_trim(str_between(equals + 1, end)), true};
}

static bool is_for(struct request *r, const struct cookie_rule *rule, struct str name)
{
	struct str wanted;

	if (rule->pattern != NULL)
		return pattern_match(rule->pattern, name, NULL, 0) > 0;
	return template_eval(r, rule->name, &wanted) == 0 && str_equal_nocase(wanted, name);
}

static const struct cookie_rule *rule_for(struct request *r, struct str name)
{
	const struct pool_list *rules = proxy_location_of(r)->cookie_flags;

	for (size_t i = 0; rules != NULL && i < rules->count; i++) {
		const struct cookie_rule *rule = &((struct cookie_rule *)rules->items)[i];

		if (is_for(r, rule, name))
			return rule;
	}
	return NULL;
}

/* Returns true for an attribute that the rule itself writes or removes. */
static bool is_dropped(const struct cookie_rule *rule, struct str name)
{
	if (str_equal_nocase(name, STR("Secure")))
		return rule->secure || rule->no_secure;
	if (str_equal_nocase(name, STR("HttpOnly")))
		return rule->http_only || rule->no_http_only;
	return str_equal_nocase(name, STR("SameSite")) &&
	       (rule->same_site.len > 0 || rule->no_same_site);
}

static enum rewrite_result change_place(struct request *r, struct attribute *a)
{
	const struct proxy_location *l = proxy_location_of(r);
	struct str changed;
	enum rewrite_result result = REWRITE_NONE;

	if (str_equal_nocase(a->name, STR("Domain")))
		result = rewrite_by(r, l->cookie_domains, MATCH_DOMAIN, a->value, &changed);
	else if (str_equal_nocase(a->name, STR("Path")))
		result = rewrite_by(r, l->cookie_paths, MATCH_PREFIX, a->value, &changed);
	if (result == REWRITE_DONE)
		a->value = changed;
	return result;
}

/* Appends an attribute to the text. Returns data NULL when there is no memory. An attribute
 * with an empty value is left out: for example, an empty Domain would be invalid. */
static struct str add(struct request *r, struct str text, const struct attribute *a)
{
	const char *separator = text.len > 0 ? "; " : "";

	if (text.data == NULL || (a->has_value && a->value.len == 0 && text.len > 0))
		return text;
	if (!a->has_value)
		return pool_print(r->pool, "%.*s%s%.*s", STR_ARGS(text), separator,
				  STR_ARGS(a->name));
	return pool_print(r->pool, "%.*s%s%.*s=%.*s", STR_ARGS(text), separator, STR_ARGS(a->name),
			  STR_ARGS(a->value));
}

static struct str add_flags(struct request *r, struct str text, const struct cookie_rule *rule)
{
	if (rule->secure)
		text = add(r, text, &(struct attribute){STR("Secure"), STR_NONE, false});
	if (rule->http_only)
		text = add(r, text, &(struct attribute){STR("HttpOnly"), STR_NONE, false});
	if (rule->same_site.len > 0)
		text = add(r, text, &(struct attribute){STR("SameSite"), rule->same_site, true});
	return text;
}

static bool has_rules(const struct request *r)
{
	const struct proxy_location *l = proxy_location_of(r);

	return l->cookie_domains != NULL || l->cookie_paths != NULL || l->cookie_flags != NULL;
}

enum rewrite_result rewrite_cookie(struct request *r, struct str value, struct str *changed)
{
	static const struct cookie_rule none = {.secure = false};
	const struct cookie_rule *rule = NULL;
	struct str part;

	if (!has_rules(r))
		return REWRITE_NONE;
	*changed = STR_NONE;
	while (str_next_item(&value, ';', &part)) {
		struct attribute a = split(part);

		if (rule == NULL) {
			rule = rule_for(r, a.name);
			if (rule == NULL)
				rule = &none;
		} else if (is_dropped(rule, a.name)) {
			continue;
		} else if (change_place(r, &a) == REWRITE_NO_MEMORY) {
			return REWRITE_NO_MEMORY;
		}
		*changed = add(r, *changed, &a);
	}
	if (rule != NULL)
		*changed = add_flags(r, *changed, rule);
	return changed->data != NULL ? REWRITE_DONE : REWRITE_NO_MEMORY;
}

/* ---- the configuration */

static int parse_same_site(struct conf *cf, struct cookie_rule *rule, struct str flag)
{
	static const struct str sites[] = {{"Strict", 6}, {"Lax", 3}, {"None", 4}};
	struct str same_site = STR("samesite="), site;

	if (flag.len < same_site.len ||
	    !str_equal_nocase((struct str){flag.data, same_site.len}, same_site))
		return conf_bad_value(cf, flag);
	site = str_between(flag.data + same_site.len, flag.data + flag.len);
	for (size_t i = 0; i < COUNT_OF(sites); i++) {
		if (str_equal_nocase(sites[i], site)) {
			rule->same_site = sites[i];
			return 0;
		}
	}
	return conf_bad_value(cf, flag);
}

static int parse_flag(struct conf *cf, struct cookie_rule *rule, struct str flag)
{
	const struct {
		const char *name;
		bool *flag;
	} flags[] = {
	    {"secure", &rule->secure},           {"nosecure", &rule->no_secure},
	    {"httponly", &rule->http_only},      {"nohttponly", &rule->no_http_only},
	    {"nosamesite", &rule->no_same_site},
	};

	for (size_t i = 0; i < COUNT_OF(flags); i++) {
		if (str_equal_nocase(flag, str_from(flags[i].name))) {
			*flags[i].flag = true;
			return 0;
		}
	}
	return parse_same_site(cf, rule, flag);
}

int cookie_rule_parse(struct conf *cf, struct cookie_rule *rule)
{
	struct str name = cf->args[1];

	for (uint32_t i = 2; i < cf->arg_count; i++)
		if (parse_flag(cf, rule, cf->args[i]) < 0)
			return -1;
	if (str_starts(name, STR("~"))) {
		bool ignore_case = name.len > 1 && name.data[1] == '*';

		name = str_between(name.data + 1 + ignore_case, name.data + name.len);
		rule->pattern = conf_pattern(cf, name, ignore_case);
		return rule->pattern != NULL ? 0 : -1;
	}
	rule->name = template_compile(cf, name);
	return rule->name != NULL ? 0 : -1;
}
