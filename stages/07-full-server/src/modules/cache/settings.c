#include "modules/cache/settings.h"

#include "http/request/value.h"
#include "modules/cache/rules/control.h"

int64_t cache_valid_for(const struct cache_settings *s, int status)
{
	for (size_t i = 0; s->valid != NULL && i < s->valid->count; i++) {
		const struct valid_rule *rule = &((struct valid_rule *)s->valid->items)[i];

		if (rule->status == 0 || rule->status == status)
			return rule->seconds;
	}
	return SECONDS_ABSENT;
}

int cache_stale_bit(int status)
{
	switch (status) {
	case 403:
		return STALE_ON_403;
	case 404:
		return STALE_ON_404;
	case 429:
		return STALE_ON_429;
	case 500:
		return STALE_ON_500;
	case 502:
		return STALE_ON_502;
	case 503:
		return STALE_ON_503;
	case 504:
		return STALE_ON_504;
	default:
		return 0;
	}
}

bool cache_condition_holds(struct request *r, const struct pool_list *conditions)
{
	for (size_t i = 0; conditions != NULL && i < conditions->count; i++)
		if (template_is_true(r, ((struct template **)conditions->items)[i]))
			return true;
	return false;
}

static bool is_off(struct str name)
{
	return name.len == 0 || str_equal(name, STR("off"));
}

int cache_path_for(struct request *r, const struct cache_settings *s,
		   const struct cache_path **path)
{
	struct str name;

	*path = s->path;
	if (s->zone == NULL || s->zone->fixed)
		return 0;
	if (template_eval(r, s->zone, &name) < 0)
		return -1;
	*path = cache_path_named(s->paths, name);
	if (*path != NULL || is_off(name))
		return 0;
	request_log(r, LOG_ERROR, "cache \"%.*s\" is unknown", STR_ARGS(name));
	return -1;
}

/* ---- directives */

static int set_zone(struct conf *cf, const struct directive *d, void *section)
{
	struct cache_settings *s = section;

	s->file = cf->file;
	s->line = cf->line;
	return conf_set_template(cf, d, section);
}

static int add_valid(struct conf *cf, struct pool_list *list, int status, int64_t seconds)
{
	struct valid_rule *rule = pool_list_add(cf->pool, list, sizeof(*rule));

	if (rule == NULL)
		return conf_no_memory(cf);
	*rule = (struct valid_rule){status, seconds};
	return 0;
}

static int add_valid_word(struct conf *cf, struct pool_list *list, struct str word, int64_t seconds)
{
	int64_t status = str_to_number(word);

	if (str_equal(word, STR("any")))
		return add_valid(cf, list, 0, seconds);
	if (status < 100 || status > 599)
		return conf_bad_value(cf, word);
	return add_valid(cf, list, (int)status, seconds);
}

/* Reads "[status ... | any] time". A time alone is valid for 200, 301 and 302. */
static int set_valid(struct conf *cf, const struct directive *d, void *section)
{
	struct pool_list *list = conf_list(cf, d, section);
	struct str time = cf->args[cf->arg_count - 1];
	int64_t seconds;

	if (list == NULL)
		return -1;
	if (!parse_seconds(time, &seconds))
		return conf_bad_value(cf, time);
	if (cf->arg_count == 2)
		return add_valid(cf, list, 200, seconds) < 0 ||
			       add_valid(cf, list, 301, seconds) < 0
			   ? -1
			   : add_valid(cf, list, 302, seconds);
	for (uint32_t i = 1; i + 1 < cf->arg_count; i++)
		if (add_valid_word(cf, list, cf->args[i], seconds) < 0)
			return -1;
	return 0;
}

static int add_conditions(struct conf *cf, const struct directive *d, void *section)
{
	for (uint32_t i = 1; i < cf->arg_count; i++) {
		struct template **place = conf_list_add(cf, d, section, sizeof(*place));

		if (place == NULL)
			return -1;
		*place = template_compile(cf, cf->args[i]);
		if (*place == NULL)
			return -1;
	}
	return 0;
}

static int set_targets(struct conf *cf, const struct directive *d, void *section)
{
	struct pool_list *list = conf_list(cf, d, section);

	if (list == NULL)
		return -1;
	for (uint32_t i = 1; i < cf->arg_count && !str_equal(cf->args[i], STR("off")); i++) {
		struct str *name = pool_list_add(cf->pool, list, sizeof(*name));

		if (name == NULL)
			return conf_no_memory(cf);
		*name = cf->args[i];
	}
	return 0;
}

static const struct conf_name stale_names[] = {
    {"error", STALE_ON_ERROR},
    {"timeout", STALE_ON_TIMEOUT},
    {"invalid_header", STALE_ON_INVALID_HEADER},
    {"updating", STALE_WHILE_UPDATING},
    {"http_403", STALE_ON_403},
    {"http_404", STALE_ON_404},
    {"http_429", STALE_ON_429},
    {"http_500", STALE_ON_500},
    {"http_502", STALE_ON_502},
    {"http_503", STALE_ON_503},
    {"http_504", STALE_ON_504},
    {"off", STALE_OFF},
    {NULL, 0},
};

static const struct conf_name method_names[] = {
    {"GET", METHOD_GET},
    {"HEAD", METHOD_HEAD},
    {"POST", METHOD_POST},
    {NULL, 0},
};

static const struct conf_range at_least_one = {1, INT32_MAX};

#define ROW(name, args, set, member, otherwise, extra_)                                            \
	{                                                                                          \
		name, IN_HTTP_ALL | (args), set, LEVEL_LOCATION,                                   \
		    SETTING(struct cache_settings, member, otherwise), .extra = extra_             \
	}

const struct directive cache_directives[] = {
    {"proxy_cache_path", IN_HTTP | ARGS_2_MORE, cache_path_set, LEVEL_MAIN},
    ROW("proxy_cache", ARGS_1, set_zone, zone, 0, NULL),
    {ALSO_SETS("proxy_cache"), LEVEL_LOCATION, SETTING(struct cache_settings, file, 0)},
    {ALSO_SETS("proxy_cache"), LEVEL_LOCATION, SETTING(struct cache_settings, line, 0)},
    ROW("proxy_cache_key", ARGS_1, conf_set_template, key, 0, NULL),
    ROW("proxy_cache_valid", ARGS_1_MORE, set_valid, valid, 0, NULL),
    ROW("proxy_cache_methods", ARGS_1_MORE, conf_set_bits, methods, METHOD_GET | METHOD_HEAD,
	method_names),
    ROW("proxy_cache_min_uses", ARGS_1, conf_set_number, min_uses, 1, &at_least_one),
    ROW("proxy_cache_lock", ARGS_1, conf_set_flag, lock, 0, NULL),
    ROW("proxy_cache_lock_timeout", ARGS_1, conf_set_ms, lock_timeout, 5000, NULL),
    ROW("proxy_cache_lock_age", ARGS_1, conf_set_ms, lock_age, 5000, NULL),
    ROW("proxy_cache_use_stale", ARGS_1_MORE, conf_set_bits, use_stale, STALE_OFF, stale_names),
    ROW("proxy_cache_background_update", ARGS_1, conf_set_flag, background_update, 0, NULL),
    ROW("proxy_cache_revalidate", ARGS_1, conf_set_flag, revalidate, 1, NULL),
    ROW("proxy_cache_convert_head", ARGS_1, conf_set_flag, convert_head, 1, NULL),
    ROW("proxy_cache_bypass", ARGS_1_MORE, add_conditions, bypass, 0, NULL),
    ROW("proxy_no_cache", ARGS_1_MORE, add_conditions, no_store, 0, NULL),
    ROW("proxy_cache_max_range_offset", ARGS_1, conf_set_offset, max_range_offset, CONF_UNSET,
	NULL),
    ROW("proxy_cache_targets", ARGS_1_MORE, set_targets, targets, 0, NULL),
    {.name = NULL},
};

/* ---- sections */

/* CDN-Cache-Control (RFC 9213) is meant for every cache in front of a server, so also for this
 * cache. */
static struct pool_list *default_targets(struct conf *cf)
{
	struct pool_list *list = pool_zalloc(cf->pool, sizeof(*list));
	struct str *name = list != NULL ? pool_list_add(cf->pool, list, sizeof(*name)) : NULL;

	if (name == NULL)
		return NULL;
	*name = STR("CDN-Cache-Control");
	return list;
}

static int find_path(struct conf *cf, struct cache_settings *s)
{
	struct str name = s->zone != NULL ? s->zone->source : STR_NONE;

	s->paths = http_of(cf)->main[cache_module.index];
	s->path = cache_path_named(s->paths, name);
	if (s->path != NULL || is_off(name) || !s->zone->fixed)
		return 0;
	cf->file = s->file;
	cf->line = s->line;
	return conf_fail(cf,
			 "cache \"%.*s\" is unknown: it needs a proxy_cache_path with "
			 "keys_zone=%.*s:size",
			 STR_ARGS(name), STR_ARGS(name));
}

int cache_settings_merge(struct conf *cf, void *outer, void *inner)
{
	struct cache_settings *s = inner;

	s->methods |= METHOD_GET | METHOD_HEAD;
	if (s->targets == NULL)
		s->targets = default_targets(cf);
	return s->targets != NULL ? find_path(cf, s) : conf_no_memory(cf);
}
