/*
 * The directives of the proxy, their values when unset, and their defaults.
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

void *proxy_create_location(struct conf *cf)
{
	struct proxy_location *l = pool_zalloc(cf->pool, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->http_version = l->pass_headers = l->pass_body = l->request_buffering = CONF_UNSET;
	l->connect_timeout = l->send_timeout = l->read_timeout = CONF_UNSET;
	l->next = l->ignore_abort = CONF_UNSET;
	l->next_tries = l->next_timeout = CONF_UNSET;
	l->buffering = l->intercept_errors = l->force_ranges = l->ignore_headers = CONF_UNSET;
	l->buffer_size = l->buffer_count = l->one_buffer = l->busy_size = CONF_UNSET;
	l->max_temp_file = l->temp_write = CONF_UNSET;
	l->store = l->store_access = CONF_UNSET;
	return l;
}

static void merge_request(struct proxy_location *o, struct proxy_location *i)
{
	CONF_INHERIT_PTR(i->set_headers, o->set_headers, NULL);
	CONF_INHERIT_PTR(i->method, o->method, NULL);
	CONF_INHERIT_PTR(i->body, o->body, NULL);
	conf_inherit_int(&i->http_version, o->http_version, HTTP_11);
	conf_inherit_int(&i->pass_headers, o->pass_headers, 1);
	conf_inherit_int(&i->pass_body, o->pass_body, 1);
	conf_inherit_int(&i->request_buffering, o->request_buffering, 1);
}

static void merge_way(struct proxy_location *o, struct proxy_location *i)
{
	conf_inherit(&i->connect_timeout, o->connect_timeout, 60000);
	conf_inherit(&i->send_timeout, o->send_timeout, 60000);
	conf_inherit(&i->read_timeout, o->read_timeout, 60000);
	conf_inherit_int(&i->next, o->next, FAIL_ERROR | FAIL_TIMEOUT);
	conf_inherit(&i->next_tries, o->next_tries, 0);
	conf_inherit(&i->next_timeout, o->next_timeout, 0);
	conf_inherit_int(&i->ignore_abort, o->ignore_abort, 0);
	CONF_INHERIT_PTR(i->bind, o->bind, NULL);
}

static void merge_reply(struct proxy_location *o, struct proxy_location *i)
{
	conf_inherit_int(&i->buffering, o->buffering, 1);
	conf_inherit_int(&i->intercept_errors, o->intercept_errors, 0);
	conf_inherit_int(&i->force_ranges, o->force_ranges, 0);
	conf_inherit_int(&i->ignore_headers, o->ignore_headers, 0);
	conf_inherit(&i->buffer_size, o->buffer_size, PAGE);
	if (i->buffer_count == CONF_UNSET) {
		i->buffer_count = o->buffer_count;
		i->one_buffer = o->one_buffer;
	}
	conf_inherit(&i->buffer_count, CONF_UNSET, 8);
	conf_inherit(&i->one_buffer, CONF_UNSET, PAGE);
	CONF_INHERIT_PTR(i->limit_rate, o->limit_rate, NULL);
	CONF_INHERIT_PTR(i->hide, o->hide, NULL);
	CONF_INHERIT_PTR(i->pass, o->pass, NULL);
	CONF_INHERIT_PTR(i->redirects, o->redirects, NULL);
	CONF_INHERIT_PTR(i->cookie_domains, o->cookie_domains, NULL);
	CONF_INHERIT_PTR(i->cookie_paths, o->cookie_paths, NULL);
	CONF_INHERIT_PTR(i->cookie_flags, o->cookie_flags, NULL);
	if (i->store == CONF_UNSET)
		i->path = o->path;
	conf_inherit_int(&i->store, o->store, 0);
	conf_inherit_int(&i->store_access, o->store_access, 0600);
}

/* How much of the reply must fit into one buffer. */
static int64_t least(const struct proxy_location *l)
{
	return l->buffer_size > l->one_buffer ? l->buffer_size : l->one_buffer;
}

static int merge_memory(struct conf *cf, struct proxy_location *o, struct proxy_location *i)
{
	int64_t all = i->buffer_count * i->one_buffer;

	/* one half is filled while the client takes the other half */
	conf_inherit(&i->busy_size, o->busy_size, all / 2 > 2 * least(i) ? all / 2 : 2 * least(i));
	conf_inherit(&i->max_temp_file, o->max_temp_file, 1 << 30);
	conf_inherit(&i->temp_write, o->temp_write, 2 * least(i));
	if (i->buffer_count < 2)
		return conf_fail(cf, "there must be at least 2 \"proxy_buffers\"");
	if (i->busy_size < least(i))
		return conf_fail(cf, "\"proxy_busy_buffers_size\" must not be less than "
				     "\"proxy_buffer_size\" and one of the \"proxy_buffers\"");
	if (i->busy_size > all - i->one_buffer)
		return conf_fail(cf, "\"proxy_busy_buffers_size\" must be less than all "
				     "\"proxy_buffers\" minus one of them");
	if (i->temp_write < least(i))
		return conf_fail(cf, "\"proxy_temp_file_write_size\" must not be less than "
				     "\"proxy_buffer_size\" and one of the \"proxy_buffers\"");
	if (i->max_temp_file != 0 && i->max_temp_file < least(i))
		return conf_fail(cf, "\"proxy_max_temp_file_size\" must be 0, or not less than "
				     "\"proxy_buffer_size\" and one of the \"proxy_buffers\"");
	CONF_INHERIT_PTR(i->temp, o->temp, temp_path_default(cf, STR("proxy_temp")));
	return i->temp != NULL ? 0 : -1;
}

int proxy_merge_location(struct conf *cf, void *outer, void *inner)
{
	struct proxy_location *o = outer, *i = inner;

	merge_request(o, i);
	merge_way(o, i);
	merge_reply(o, i);
	return merge_memory(cf, o, i);
}

/* ---- setters */

/* Adds an entry. The list is made with its first entry. */
static void *list_add(struct conf *cf, const struct directive *d, void *section, size_t size)
{
	struct pool_list **list = (struct pool_list **)((char *)section + d->at);
	void *entry;

	if (*list == NULL)
		*list = pool_zalloc(cf->pool, sizeof(**list));
	entry = *list != NULL ? pool_list_add(cf->pool, *list, size) : NULL;
	if (entry == NULL)
		conf_no_memory(cf);
	return entry;
}

/* A URI in proxy_pass replaces the name of the location, so the location must have such a
 * name. */
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
	rule = list_add(cf, d, section, sizeof(*rule));
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
	struct str *name = list_add(cf, d, section, sizeof(*name));

	if (name == NULL)
		return -1;
	*name = cf->args[1];
	return is_token(*name) ? 0 : conf_bad_value(cf, *name);
}

/* An empty list: no rules, and the outer block's rules are not used either. */
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
	rule = list_add(cf, d, section, sizeof(*rule));
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
	return list_add(cf, d, section, sizeof(struct rewrite_rule)) != NULL ? 0 : -1;
}

static int set_flags(struct conf *cf, const struct directive *d, void *section)
{
	struct cookie_rule *rule;

	if (cf->arg_count == 2)
		return str_equal(cf->args[1], STR("off")) ? set_off(cf, d, section)
							  : conf_bad_value(cf, cf->args[1]);
	rule = list_add(cf, d, section, sizeof(*rule));
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

/* proxy_store on | off | path */
static int set_store(struct conf *cf, const struct directive *d, void *section)
{
	struct proxy_location *l = section;

	if (l->store != CONF_UNSET)
		return conf_duplicate(cf);
	l->store = !str_equal(cf->args[1], STR("off"));
	if (!l->store || str_equal(cf->args[1], STR("on")))
		return 0;
	l->path = template_compile(
	    cf, str_starts(cf->args[1], STR("$")) ? cf->args[1] : conf_path(cf, cf->args[1]));
	return l->path != NULL ? 0 : -1;
}

/* "user:rw group:r all:r"; the user may always read and write. */
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

/* A size of 0 would make a buffer into which nothing fits. */
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

#define ROW(name, args, set, member, extra)                                                        \
	{                                                                                          \
		name, IN_HTTP_ALL | (args), set, LEVEL_LOCATION,                                   \
		    offsetof(struct proxy_location, member), extra                                 \
	}

const struct directive proxy_directives[] = {
    {"proxy_pass", IN_LOCATION | IN_LOCATION_IF | IN_LIMIT_EXCEPT | ARGS_1, set_pass,
     LEVEL_LOCATION, 0, NULL},
    ROW("proxy_set_header", ARGS_2, set_header, set_headers, NULL),
    ROW("proxy_method", ARGS_1, conf_set_template, method, NULL),
    ROW("proxy_set_body", ARGS_1, conf_set_template, body, NULL),
    ROW("proxy_http_version", ARGS_1, conf_set_enum, http_version, versions),
    ROW("proxy_pass_request_headers", ARGS_1, conf_set_flag, pass_headers, NULL),
    ROW("proxy_pass_request_body", ARGS_1, conf_set_flag, pass_body, NULL),
    ROW("proxy_connect_timeout", ARGS_1, conf_set_ms, connect_timeout, NULL),
    ROW("proxy_send_timeout", ARGS_1, conf_set_ms, send_timeout, NULL),
    ROW("proxy_read_timeout", ARGS_1, conf_set_ms, read_timeout, NULL),
    ROW("proxy_next_upstream", ARGS_1_MORE, conf_set_bits, next, fail_names),
    ROW("proxy_next_upstream_tries", ARGS_1, conf_set_number, next_tries, NULL),
    ROW("proxy_next_upstream_timeout", ARGS_1, conf_set_ms, next_timeout, NULL),
    ROW("proxy_ignore_client_abort", ARGS_1, conf_set_flag, ignore_abort, NULL),
    ROW("proxy_buffering", ARGS_1, conf_set_flag, buffering, NULL),
    ROW("proxy_buffer_size", ARGS_1, set_some_size, buffer_size, &some_bytes),
    ROW("proxy_buffers", ARGS_2, set_buffers, buffer_count, NULL),
    ROW("proxy_busy_buffers_size", ARGS_1, conf_set_size, busy_size, NULL),
    ROW("proxy_max_temp_file_size", ARGS_1, conf_set_offset, max_temp_file, NULL),
    ROW("proxy_temp_file_write_size", ARGS_1, conf_set_size, temp_write, NULL),
    ROW("proxy_temp_path", ARGS_1 | ARGS_2 | ARGS_3 | ARGS_4, conf_set_temp_path, temp, NULL),
    ROW("proxy_hide_header", ARGS_1, set_name, hide, NULL),
    ROW("proxy_pass_header", ARGS_1, set_name, pass, NULL),
    ROW("proxy_ignore_headers", ARGS_1_MORE, conf_set_bits, ignore_headers, ignore_names),
    ROW("proxy_redirect", ARGS_1_2, set_redirect, redirects, NULL),
    ROW("proxy_cookie_domain", ARGS_1_2, set_rewriting, cookie_domains, NULL),
    ROW("proxy_cookie_path", ARGS_1_2, set_rewriting, cookie_paths, NULL),
    ROW("proxy_cookie_flags", ARGS_1 | ARGS_2 | ARGS_3 | ARGS_4, set_flags, cookie_flags, NULL),
    ROW("proxy_limit_rate", ARGS_1, conf_set_template, limit_rate, NULL),
    ROW("proxy_force_ranges", ARGS_1, conf_set_flag, force_ranges, NULL),
    ROW("proxy_bind", ARGS_1, set_bind, bind, NULL),
    ROW("proxy_store", ARGS_1, set_store, store, NULL),
    ROW("proxy_store_access", ARGS_1 | ARGS_2 | ARGS_3, set_store_access, store_access, NULL),
    ROW("proxy_request_buffering", ARGS_1, conf_set_flag, request_buffering, NULL),
    ROW("proxy_intercept_errors", ARGS_1, conf_set_flag, intercept_errors, NULL),
    {.name = NULL},
};
