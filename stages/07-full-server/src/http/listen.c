/*
 * The directives listen and server_name.
 */
#include "conf/value.h"
#include "http/server.h"

enum { BACKLOG = 511 };

static struct listen_point *point_find(const struct http *http, const struct address *a)
{
	/* port 0 is another port each time */
	if (address_port(&a->any) == 0 && a->any.sa_family != AF_UNIX)
		return NULL;
	for (size_t i = 0; i < http->points.count; i++)
		if (address_equal(&point_at(http, i)->address, a))
			return point_at(http, i);
	return NULL;
}

static struct listen_point *point_create(struct conf *cf, struct http *http,
					 const struct address *a)
{
	struct listen_point **place = pool_list_add(cf->pool, &http->points, sizeof(*place));
	struct listen_point *p = pool_zalloc(cf->pool, sizeof(*p));

	if (place == NULL || p == NULL) {
		conf_no_memory(cf);
		return NULL;
	}
	*place = p;
	p->address = *a;
	p->http = http;
	p->file = cf->file;
	p->line = cf->line;
	p->options.backlog = BACKLOG;
	p->options.ipv6only = true;
	address_print_port(&a->any, p->text);
	return p;
}

static bool value_of(struct str arg, struct str name, struct str *value)
{
	if (!str_starts(arg, name))
		return false;
	*value = (struct str){arg.data + name.len, arg.len - name.len};
	return true;
}

/* on, off, or [idle]:[interval]:[count] */
static bool parse_keepalive(struct str text, struct listen_options *o)
{
	int *numbers[] = {&o->keepalive_idle, &o->keepalive_interval, &o->keepalive_count};
	const char *at = text.data, *end = text.data + text.len;

	o->keepalive_set = true;
	o->keepalive = !str_equal(text, STR("off"));
	if (!o->keepalive || str_equal(text, STR("on")))
		return true;
	for (size_t i = 0; i < COUNT_OF(numbers); i++) {
		const char *colon = memchr(at, ':', (size_t)(end - at));
		struct str part = str_between(at, colon != NULL ? colon : end);
		int64_t number = 0;

		if ((colon == NULL) != (i == COUNT_OF(numbers) - 1))
			return false;
		if (part.len > 0 &&
		    (i < 2 ? !parse_seconds(part, &number) : (number = str_to_number(part)) < 0))
			return false;
		*numbers[i] = (int)number;
		at = colon != NULL ? colon + 1 : end;
	}
	return true;
}

static bool parse_int(struct str text, int *number)
{
	int64_t n = str_to_number(text);

	*number = (int)n;
	return n > 0 && n < INT32_MAX;
}

static bool parse_buffer(struct str text, int *bytes)
{
	int64_t n;

	if (!parse_size(text, &n) || n > INT32_MAX)
		return false;
	*bytes = (int)n;
	return true;
}

/* False: there is no such option, or its value is none. */
static bool parse_option(struct str arg, struct listen_options *o)
{
	struct str value;

	if (str_equal(arg, STR("reuseport")))
		return o->reuseport = true;
	if (str_equal(arg, STR("deferred")))
		return o->deferred = true;
	if (value_of(arg, STR("backlog="), &value))
		return parse_int(value, &o->backlog);
	if (value_of(arg, STR("rcvbuf="), &value))
		return parse_buffer(value, &o->rcvbuf);
	if (value_of(arg, STR("sndbuf="), &value))
		return parse_buffer(value, &o->sndbuf);
	if (value_of(arg, STR("so_keepalive="), &value))
		return parse_keepalive(value, o);
	if (value_of(arg, STR("ipv6only="), &value)) {
		o->ipv6only = str_equal(value, STR("on"));
		return o->ipv6only || str_equal(value, STR("off"));
	}
	return false;
}

static int set_options(struct conf *cf, struct listen_point *p, struct server *s)
{
	bool has_options = false;

	for (uint32_t i = 2; i < cf->arg_count; i++) {
		if (str_equal(cf->args[i], STR("default_server"))) {
			if (p->default_given)
				return conf_fail(cf, "a duplicate default server for %s", p->text);
			p->default_given = true;
			p->default_server = s;
			continue;
		}
		if (p->options_given)
			return conf_fail(cf, "duplicate listen options for %s", p->text);
		if (!parse_option(cf->args[i], &p->options))
			return conf_fail(cf, "invalid parameter \"%.*s\"", STR_ARGS(cf->args[i]));
		if (p->options.reuseport && p->address.any.sa_family == AF_UNIX)
			return conf_fail(cf,
					 "\"reuseport\" is for addresses with a port: %s has "
					 "one socket for all workers",
					 p->text);
		has_options = true;
	}
	p->options_given |= has_options;
	return 0;
}

static int point_join(struct conf *cf, struct listen_point *p, struct server *s)
{
	struct server **place;

	for (size_t i = 0; i < p->servers.count; i++)
		if (((struct server **)p->servers.items)[i] == s)
			return conf_fail(cf, "a duplicate listen %s", p->text);
	place = pool_list_add(cf->pool, &p->servers, sizeof(*place));
	if (place == NULL)
		return conf_no_memory(cf);
	*place = s;
	if (p->default_server == NULL)
		p->default_server = s;
	return 0;
}

static int listen_on(struct conf *cf, struct str text)
{
	struct server *s = cf->scope->owner;
	struct http *http = http_of(cf);
	struct listen_point *p;
	struct address a;
	const char *problem = address_parse(&a, text, 80);

	if (problem != NULL)
		return conf_fail(cf, "%s in \"%.*s\" of the \"listen\" directive", problem,
				 STR_ARGS(text));
	p = point_find(http, &a);
	if (p == NULL)
		p = point_create(cf, http, &a);
	s->listens = true;
	return p == NULL || point_join(cf, p, s) < 0 ? -1 : set_options(cf, p, s);
}

/* "127.0.0.1:8080-8083", "[::1]:8080-8083": the part before the ports, and both ends. */
static bool parse_range(struct str text, struct str *before, int64_t *first, int64_t *last)
{
	size_t dash = text.len, start;

	while (dash > 0 && char_is_digit(text.data[dash - 1]))
		dash--;
	if (dash == 0 || dash == text.len || text.data[dash - 1] != '-')
		return false;
	start = --dash;
	while (start > 0 && char_is_digit(text.data[start - 1]))
		start--;
	*before = (struct str){text.data, start};
	*first = str_to_number((struct str){text.data + start, dash - start});
	*last = str_to_number(str_between(text.data + dash + 1, text.data + text.len));
	return *first > 0 && (start == 0 || text.data[start - 1] == ':');
}

static int listen_on_range(struct conf *cf, struct str before, int64_t first, int64_t last)
{
	if (last < first || last > 65535)
		return conf_fail(cf, "invalid port range in \"%.*s\"", STR_ARGS(cf->args[1]));
	for (int64_t port = first; port <= last; port++) {
		struct str text =
		    pool_print(cf->pool, "%.*s%lld", STR_ARGS(before), (long long)port);

		if (text.data == NULL)
			return conf_no_memory(cf);
		if (listen_on(cf, text) < 0)
			return -1;
	}
	return 0;
}

int server_set_listen(struct conf *cf, const struct directive *d, void *section)
{
	struct str before;
	int64_t first, last;

	(void)d;
	(void)section;
	if (parse_range(cf->args[1], &before, &first, &last) &&
	    !str_starts(cf->args[1], STR("unix:")))
		return listen_on_range(cf, before, first, last);
	return listen_on(cf, cf->args[1]);
}

static int add_name(struct conf *cf, struct server *s, struct str name)
{
	struct str *place = pool_list_add(cf->pool, &s->names, sizeof(*place));
	char *lower = pool_bytes(cf->pool, name.len + 1);

	if (place == NULL || lower == NULL)
		return conf_no_memory(cf);
	if (memchr(name.data, '/', name.len) != NULL && !str_starts(name, STR("~")))
		return conf_fail(cf, "server name \"%.*s\" has suspicious symbols", STR_ARGS(name));
	if (str_starts(name, STR("~")))
		memcpy(lower, name.data, name.len + 1); /* a pattern's case means something */
	else
		*put_lower(lower, name) = '\0';
	*place = (struct str){lower, name.len};
	return 0;
}

int server_set_name(struct conf *cf, const struct directive *d, void *section)
{
	struct server *s = cf->scope->owner;

	(void)d;
	(void)section;
	for (uint32_t i = 1; i < cf->arg_count; i++)
		if (add_name(cf, s, cf->args[i]) < 0)
			return -1;
	s->name = ((struct str *)s->names.items)[0];
	if (str_starts(s->name, STR(".")))
		s->name = (struct str){s->name.data + 1, s->name.len - 1};
	return 0;
}
