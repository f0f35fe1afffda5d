/*
 * The directives of the proxy, and their default values.
 */
#include "conf/temp_path.h"
#include "conf/value.h"
#include "http/site/core.h"
#include "modules/proxy/message/ask.h"
#include "modules/proxy/message/cookie.h"
#include "modules/proxy/message/rewriting.h"
#include "modules/proxy/proxy.h"
#include "modules/proxy/settings.h"
#include "modules/proxy/target.h"

enum { PAGE = 4096 };

/* The size of the largest buffer. Other limits must not be smaller. */
static int64_t least(const struct proxy_location *l)
{
	return l->buffer_size > l->one_buffer ? l->buffer_size : l->one_buffer;
}

static int check_memory(struct conf *cf, const struct proxy_location *l)
{
	if (l->buffer_count < 2)
		return conf_fail(cf, "there must be at least 2 \"proxy_buffers\"");
	if (l->busy_size < least(l))
		return conf_fail(cf, "\"proxy_busy_buffers_size\" must not be less than "
				     "\"proxy_buffer_size\" and one of the \"proxy_buffers\"");
	if (l->busy_size > (l->buffer_count - 1) * l->one_buffer)
		return conf_fail(cf, "\"proxy_busy_buffers_size\" must be less than all "
				     "\"proxy_buffers\" minus one of them");
	if (l->temp_write < least(l))
		return conf_fail(cf, "\"proxy_temp_file_write_size\" must not be less than "
				     "\"proxy_buffer_size\" and one of the \"proxy_buffers\"");
	if (l->max_temp_file != 0 && l->max_temp_file < least(l))
		return conf_fail(cf, "\"proxy_max_temp_file_size\" must be 0, or not less than "
				     "\"proxy_buffer_size\" and one of the \"proxy_buffers\"");
	return 0;
}

/* Sets the defaults that depend on other members. */
int proxy_merge_location(struct conf *cf, void *outer, void *inner)
{
	struct proxy_location *l = inner;
	int64_t half = l->buffer_count * l->one_buffer / 2;

	/* The proxy fills one half of the buffers while the client takes the other half. Two
	 * buffers are the least. */
	if (l->busy_size == CONF_UNSET)
		l->busy_size = half > 2 * least(l) ? half : 2 * least(l);
	if (l->temp_write == CONF_UNSET)
		l->temp_write = 2 * least(l);
	if (l->temp == NULL)
		l->temp = temp_path_default(cf, STR("proxy_temp"));
	return l->temp != NULL ? check_memory(cf, l) : -1;
}

/* ---- setters */

/* A URI in proxy_pass replaces the name of the location. So the location must have a name that
 * is not a pattern. */
static bool has_plain_name(const struct conf *cf)
{
	const struct location *l = cf->scope->owner;

	return cf->context == IN_LOCATION && l->kind <= LOCATION_EXACT;
}

static int set_pass(struct conf *cf, const struct directive *d, void *section)
{
	struct proxy_location *l = section;

	if (l->target != NULL)
		return conf_duplicate(cf);
	l->target = target_parse(cf, cf->args[1]);
	if (l->target == NULL)
		return -1;
	if (l->target->url.uri.len > 0 && !has_plain_name(cf))
		return conf_fail(cf, "\"proxy_pass\" cannot have a URI part in a location given "
				     "by a regular expression, in a named location, in \"if\" or "
				     "in \"limit_except\"");
	return 0;
}

static bool is_framing(struct str name)
{
	return str_equal_nocase(name, STR("Content-Length")) ||
	       str_equal_nocase(name, STR("Transfer-Encoding"));
}

static int set_header(struct conf *cf, const struct directive *d, void *section)
{
	struct header_rule *rule;

	if (!is_token(cf->args[1]))
		return conf_bad_value(cf, cf->args[1]);
	if (is_framing(cf->args[1]))
		return cf->args[2].len == 0
			   ? 0
			   : conf_fail(cf, "\"%.*s\" cannot be set: it is computed from the body",
				       STR_ARGS(cf->args[1]));
	rule = conf_list_add(cf, d, section, sizeof(*rule));
	if (rule == NULL)
		return -1;
	rule->name = cf->args[1];
	rule->value = template_compile(cf, cf->args[2]);
	return rule->value != NULL ? 0 : -1;
}

static int set_buffers(struct conf *cf, const struct directive *d, void *section)
{
	struct proxy_location *l = section;

	if (l->buffer_count != CONF_UNSET)
		return conf_duplicate(cf);
	l->buffer_count = str_to_number(cf->args[1]);
	if (l->buffer_count < 1 || l->buffer_count > 1 << 20)
		return conf_bad_value(cf, cf->args[1]);
	if (!parse_size(cf->args[2], &l->one_buffer) || l->one_buffer < 1 ||
	    l->one_buffer > 1 << 30)
		return conf_bad_value(cf, cf->args[2]);
	return 0;
}

static int set_name(struct conf *cf, const struct directive *d, void *section)
{
	struct str *name = conf_list_add(cf, d, section, sizeof(*name));

	if (name == NULL)
		return -1;
	*name = cf->args[1];
	return is_token(*name) ? 0 : conf_bad_value(cf, *name);
}

/* Stores an empty list. It means that there are no rules, and that the rules of the outer block
 * are not inherited. */
static int set_off(struct conf *cf, const struct directive *d, void *section)
{
	struct pool_list **list = (struct pool_list **)((char *)section + d->at);

	if (*list == NULL)
		*list = pool_zalloc(cf->pool, sizeof(**list));
	if (*list == NULL)
		return conf_no_memory(cf);
	(*list)->count = 0;
	return 0;
}

static int set_rewriting(struct conf *cf, const struct directive *d, void *section)
{
	struct rewrite_rule *rule;

	if (cf->arg_count == 2)
		return str_equal(cf->args[1], STR("off")) ? set_off(cf, d, section)
							  : conf_bad_value(cf, cf->args[1]);
	rule = conf_list_add(cf, d, section, sizeof(*rule));
	return rule != NULL ? rewrite_rule_parse(cf, rule) : -1;
}

static int set_redirect(struct conf *cf, const struct directive *d, void *section)
{
	const struct proxy_location *l = section;

	if (cf->arg_count == 3 || !str_equal(cf->args[1], STR("default")))
		return set_rewriting(cf, d, section);
	if (l->target != NULL && l->target->text != NULL)
		return conf_fail(cf, "\"proxy_redirect default\" cannot be used with a "
				     "\"proxy_pass\" that has variables");
	return conf_list_add(cf, d, section, sizeof(struct rewrite_rule)) != NULL ? 0 : -1;
}

static int set_flags(struct conf *cf, const struct directive *d, void *section)
{
	struct cookie_rule *rule;

	if (cf->arg_count == 2)
		return str_equal(cf->args[1], STR("off")) ? set_off(cf, d, section)
							  : conf_bad_value(cf, cf->args[1]);
	rule = conf_list_add(cf, d, section, sizeof(*rule));
	return rule != NULL ? cookie_rule_parse(cf, rule) : -1;
}

static int set_bind(struct conf *cf, const struct directive *d, void *section)
{
	struct proxy_location *l = section;

	if (l->bind != NULL)
		return conf_duplicate(cf);
	l->bind = template_compile(cf, str_equal(cf->args[1], STR("off")) ? STR_NONE : cf->args[1]);
	return l->bind != NULL ? 0 : -1;
}

/* Reads "on", "off" or a path. */
static int set_store(struct conf *cf, const struct directive *d, void *section)
{
	struct proxy_location *l = section;

	if (l->store != CONF_UNSET)
		return conf_duplicate(cf);
	l->store = str_equal(cf->args[1], STR("off"))  ? STORE_OFF
		   : str_equal(cf->args[1], STR("on")) ? STORE_ON
						       : STORE_AT_PATH;
	if (l->store != STORE_AT_PATH)
		return 0;
	l->path = template_compile(
	    cf, str_starts(cf->args[1], STR("$")) ? cf->args[1] : conf_path(cf, cf->args[1]));
	return l->path != NULL ? 0 : -1;
}

/* Reads arguments such as "user:rw group:r all:r". The user may always read and write. */
static int set_store_access(struct conf *cf, const struct directive *d, void *section)
{
	static const struct {
		struct str who;
		int shift;
	} classes[] = {{{"user:", 5}, 6}, {{"group:", 6}, 3}, {{"all:", 4}, 0}};
	struct proxy_location *l = section;

	if (l->store_access != CONF_UNSET)
		return conf_duplicate(cf);
	l->store_access = 0600;
	for (uint32_t i = 1; i < cf->arg_count; i++) {
		struct str how = STR_NONE;
		size_t c = 0;

		while (c < COUNT_OF(classes) && !str_starts(cf->args[i], classes[c].who))
			c++;
		if (c < COUNT_OF(classes))
			how = (struct str){cf->args[i].data + classes[c].who.len,
					   cf->args[i].len - classes[c].who.len};
		if (!str_equal(how, STR("r")) && !str_equal(how, STR("rw")))
			return conf_bad_value(cf, cf->args[i]);
		l->store_access |= (how.len == 2 ? 6 : 4) << classes[c].shift;
	}
	return 0;
}

static const struct conf_range some_bytes = {1, 1 << 30};

/* Refuses the size 0: no byte would fit into such a buffer. */
static int set_some_size(struct conf *cf, const struct directive *d, void *section)
{
	const struct conf_range *range = d->extra;
	int64_t *size = (int64_t *)((char *)section + d->at);

	if (conf_set_size(cf, d, section) < 0)
		return -1;
	return *size >= range->least && *size <= range->most ? 0 : conf_bad_value(cf, cf->args[1]);
}

static const struct conf_name versions[] = {{"1.0", HTTP_10}, {"1.1", HTTP_11}, {NULL, 0}};

static const struct conf_name fail_names[] = {{"error", FAIL_ERROR},
					      {"timeout", FAIL_TIMEOUT},
					      {"invalid_header", FAIL_INVALID_HEADER},
					      {"non_idempotent", FAIL_NON_IDEMPOTENT},
					      {"http_403", FAIL_HTTP_403},
					      {"http_404", FAIL_HTTP_404},
					      {"http_429", FAIL_HTTP_429},
					      {"http_500", FAIL_HTTP_500},
					      {"http_502", FAIL_HTTP_502},
					      {"http_503", FAIL_HTTP_503},
					      {"http_504", FAIL_HTTP_504},
					      {"off", FAIL_OFF},
					      {NULL, 0}};

static const struct conf_name ignore_names[] = {{"X-Accel-Redirect", IGNORE_ACCEL_REDIRECT},
						{"X-Accel-Expires", IGNORE_ACCEL_EXPIRES},
						{"X-Accel-Limit-Rate", IGNORE_ACCEL_LIMIT_RATE},
						{"X-Accel-Buffering", IGNORE_ACCEL_BUFFERING},
						{"X-Accel-Charset", IGNORE_ACCEL_CHARSET},
						{"Expires", IGNORE_EXPIRES},
						{"Cache-Control", IGNORE_CACHE_CONTROL},
						{"Set-Cookie", IGNORE_SET_COOKIE},
						{"Vary", IGNORE_VARY},
						{NULL, 0}};

bool proxy_ignores(const struct request *r, struct str header)
{
	int ignored = proxy_location_of(r)->ignore_headers;

	for (const struct conf_name *n = ignore_names; n->name != NULL; n++)
		if (ignored & n->value && str_equal_nocase(str_from(n->name), header))
			return true;
	return false;
}

#define ROW(name, args, set, member, otherwise, extra_)                                            \
	{                                                                                          \
		name, IN_HTTP_ALL | (args), set, LEVEL_LOCATION,                                   \
		    SETTING(struct proxy_location, member, otherwise), .extra = extra_             \
	}

const struct directive proxy_directives[] = {
    {"proxy_pass", IN_LOCATION | IN_LOCATION_IF | IN_LIMIT_EXCEPT | ARGS_1, set_pass,
     LEVEL_LOCATION},
    ROW("proxy_set_header", ARGS_2, set_header, set_headers, 0, NULL),
    ROW("proxy_method", ARGS_1, conf_set_template, method, 0, NULL),
    ROW("proxy_set_body", ARGS_1, conf_set_template, body, 0, NULL),
    ROW("proxy_http_version", ARGS_1, conf_set_enum, http_version, HTTP_11, versions),
    ROW("proxy_pass_request_headers", ARGS_1, conf_set_flag, pass_headers, 1, NULL),
    ROW("proxy_pass_request_body", ARGS_1, conf_set_flag, pass_body, 1, NULL),
    ROW("proxy_connect_timeout", ARGS_1, conf_set_ms, connect_timeout, 60000, NULL),
    ROW("proxy_send_timeout", ARGS_1, conf_set_ms, send_timeout, 60000, NULL),
    ROW("proxy_read_timeout", ARGS_1, conf_set_ms, read_timeout, 60000, NULL),
    ROW("proxy_next_upstream", ARGS_1_MORE, conf_set_bits, next, FAIL_ERROR | FAIL_TIMEOUT,
	fail_names),
    ROW("proxy_next_upstream_tries", ARGS_1, conf_set_number, next_tries, 0, NULL),
    ROW("proxy_next_upstream_timeout", ARGS_1, conf_set_ms, next_timeout, 0, NULL),
    ROW("proxy_ignore_client_abort", ARGS_1, conf_set_flag, ignore_abort, 0, NULL),
    ROW("proxy_buffering", ARGS_1, conf_set_flag, buffering, 1, NULL),
    ROW("proxy_buffer_size", ARGS_1, set_some_size, buffer_size, PAGE, &some_bytes),
    ROW("proxy_buffers", ARGS_2, set_buffers, buffer_count, 8, NULL),
    {ALSO_SETS("proxy_buffers"), LEVEL_LOCATION, SETTING(struct proxy_location, one_buffer, PAGE)},
    ROW("proxy_busy_buffers_size", ARGS_1, conf_set_size, busy_size, CONF_UNSET, NULL),
    ROW("proxy_max_temp_file_size", ARGS_1, conf_set_offset, max_temp_file, 1 << 30, NULL),
    ROW("proxy_temp_file_write_size", ARGS_1, conf_set_size, temp_write, CONF_UNSET, NULL),
    ROW("proxy_temp_path", ARGS_1 | ARGS_2 | ARGS_3 | ARGS_4, conf_set_temp_path, temp, 0, NULL),
    ROW("proxy_hide_header", ARGS_1, set_name, hide, 0, NULL),
    ROW("proxy_pass_header", ARGS_1, set_name, pass, 0, NULL),
    ROW("proxy_ignore_headers", ARGS_1_MORE, conf_set_bits, ignore_headers, 0, ignore_names),
    ROW("proxy_redirect", ARGS_1_2, set_redirect, redirects, 0, NULL),
    ROW("proxy_cookie_domain", ARGS_1_2, set_rewriting, cookie_domains, 0, NULL),
    ROW("proxy_cookie_path", ARGS_1_2, set_rewriting, cookie_paths, 0, NULL),
    ROW("proxy_cookie_flags", ARGS_1 | ARGS_2 | ARGS_3 | ARGS_4, set_flags, cookie_flags, 0, NULL),
    ROW("proxy_limit_rate", ARGS_1, conf_set_template, limit_rate, 0, NULL),
    ROW("proxy_force_ranges", ARGS_1, conf_set_flag, force_ranges, 0, NULL),
    ROW("proxy_bind", ARGS_1, set_bind, bind, 0, NULL),
    ROW("proxy_store", ARGS_1, set_store, store, STORE_OFF, NULL),
    {ALSO_SETS("proxy_store"), LEVEL_LOCATION, SETTING(struct proxy_location, path, 0)},
    ROW("proxy_store_access", ARGS_1 | ARGS_2 | ARGS_3, set_store_access, store_access, 0600, NULL),
    ROW("proxy_request_buffering", ARGS_1, conf_set_flag, request_buffering, 1, NULL),
    ROW("proxy_intercept_errors", ARGS_1, conf_set_flag, intercept_errors, 0, NULL),
    {.name = NULL},
};
