/*
 * block: the block upstream {}, and the names that other modules give.
 *
 *     upstream backend {
 *         server 127.0.0.1:8081 weight=5;
 *         server 127.0.0.1:8082 max_fails=3 fail_timeout=30s;
 *         server 127.0.0.1:8083 backup;
 *         keepalive 32;
 *     }
 */
#include "modules/upstream/upstream.h"

#include <string.h>

#include "conf/value.h"
#include "event/board.h"
#include "http/request/request.h"
#include "modules/upstream/link.h"

extern struct module upstream_module;

enum { KEEPALIVE = 32 };

struct upstreams {             /* the section of http {} */
	struct pool_list list; /* struct upstream * */
};

static struct upstream *upstream_at(const struct upstreams *all, size_t i)
{
	return ((struct upstream **)all->list.items)[i];
}

static struct upstreams *upstreams_of(struct http *http)
{
	return http->main[upstream_module.index];
}

struct str upstream_name(const struct upstream *u)
{
	return u->name;
}

static struct upstream *find(const struct upstreams *all, struct str name, int port)
{
	for (size_t i = 0; i < all->list.count; i++) {
		struct upstream *u = upstream_at(all, i);

		if (str_equal_nocase(u->name, name) && (u->defined || u->port == port))
			return u;
	}
	return NULL;
}

static void init(struct upstream *u, struct pool *pool, struct str name, int port)
{
	*u = (struct upstream){.name = name, .pool = pool, .port = port};
	u->keepalive = u->keepalive_requests = u->keepalive_timeout = u->keepalive_time =
	    CONF_UNSET;
	u->pool_max = CONF_UNSET;
}

static void set_defaults(struct upstream *u)
{
	conf_inherit(&u->keepalive, CONF_UNSET, KEEPALIVE);
	conf_inherit(&u->keepalive_requests, CONF_UNSET, 1000);
	conf_inherit(&u->keepalive_timeout, CONF_UNSET, 60000);
	conf_inherit(&u->keepalive_time, CONF_UNSET, 3600000);
	conf_inherit(&u->pool_max, CONF_UNSET, 0);
}

static struct upstream *upstream_add(struct conf *cf, struct str name, int port)
{
	struct upstreams *all = upstreams_of(http_of(cf));
	struct upstream **place = pool_list_add(cf->pool, &all->list, sizeof(*place));
	struct upstream *u = pool_alloc(cf->pool, sizeof(*u));

	if (place == NULL || u == NULL) {
		conf_no_memory(cf);
		return NULL;
	}
	init(u, cf->pool, name, port);
	u->file = cf->file;
	u->line = cf->line;
	*place = u;
	return u;
}

struct upstream *upstream_named(struct conf *cf, struct str name, int port)
{
	struct upstream *u = find(upstreams_of(http_of(cf)), name, port);

	return u != NULL ? u : upstream_add(cf, name, port);
}

/* ---- at run time */

static bool is_numeric(struct str name)
{
	struct str host = name;
	const char *colon = memrchr(name.data, ':', name.len);

	if (str_starts(name, STR("unix:")) || str_starts(name, STR("[")))
		return true;
	if (colon != NULL)
		host = str_between(name.data, colon);
	for (size_t i = 0; i < host.len; i++)
		if (!char_is_digit(host.data[i]) && host.data[i] != '.')
			return false;
	return memchr(host.data, '.', host.len) != NULL;
}

/* It lives as long as its request, so it keeps no connections. */
static struct upstream *make(struct request *r, struct str name, int port)
{
	struct upstream *u = pool_alloc(r->pool, sizeof(*u));
	const char *problem;

	if (u == NULL)
		return NULL;
	init(u, r->pool, name, port);
	u->keepalive = 0;
	set_defaults(u);
	return group_init(u, &problem) == 0 ? u : NULL;
}

struct upstream *upstream_find(struct request *r, struct str name, int port)
{
	struct upstream *u = find(request_section(r, LEVEL_MAIN, &upstream_module), name, port);

	if (u != NULL)
		return u;
	return is_numeric(name) ? make(r, name, port) : NULL;
}

/* ---- directives */

static int open_upstream(struct conf *cf, const struct directive *d, void *section)
{
	struct upstream *u = upstream_named(cf, cf->args[1], 80);
	struct scope scope = *cf->scope;
	void **sections;

	if (u == NULL)
		return -1;
	if (u->defined)
		return conf_fail(cf, "duplicate upstream \"%.*s\"", STR_ARGS(u->name));
	u->defined = true;
	u->port = 80;
	/* inside, the section of this module is the upstream */
	sections = pool_array(cf->pool, cf->module_count, sizeof(*sections));
	if (sections == NULL)
		return conf_no_memory(cf);
	sections[upstream_module.index] = u;
	scope.sections[LEVEL_MAIN] = sections;
	scope.owner = u;
	if (conf_block(cf, IN_UPSTREAM, &scope) < 0)
		return -1;
	return u->lines.count > 0 ? 0 : conf_fail(cf, "no servers are inside upstream");
}

static bool take_param(struct str arg, const char *name, struct str *value)
{
	struct str start = str_from(name);

	if (!str_starts(arg, start))
		return false;
	*value = (struct str){arg.data + start.len, arg.len - start.len};
	return true;
}

static bool parse_count(struct str text, uint32_t least, uint32_t *count)
{
	int64_t n = str_to_number(text);

	*count = (uint32_t)n;
	return n >= least && n <= 1000000;
}

static int server_param(struct conf *cf, struct server *s, struct str arg)
{
	struct str value;
	bool right = true;

	if (take_param(arg, "weight=", &value))
		right = parse_count(value, 1, &s->weight);
	else if (take_param(arg, "max_fails=", &value))
		right = parse_count(value, 0, &s->max_fails);
	else if (take_param(arg, "fail_timeout=", &value))
		right = parse_ms(value, &s->fail_timeout);
	else if (take_param(arg, "max_conns=", &value))
		right = parse_count(value, 0, &s->max_conns);
	else if (str_equal(arg, STR("backup")))
		s->backup = true;
	else if (str_equal(arg, STR("down")))
		s->down = true;
	else
		right = false;
	return right ? 0 : conf_fail(cf, "invalid parameter \"%.*s\"", STR_ARGS(arg));
}

static int set_server(struct conf *cf, const struct directive *d, void *section)
{
	struct upstream *u = section;
	struct server *s = pool_list_add(cf->pool, &u->lines, sizeof(*s));

	if (s == NULL)
		return conf_no_memory(cf);
	*s = (struct server){
	    .name = cf->args[1], .weight = 1, .max_fails = 1, .fail_timeout = 10000};
	for (uint32_t i = 2; i < cf->arg_count; i++)
		if (server_param(cf, s, cf->args[i]) < 0)
			return -1;
	return 0;
}

static void *create_main(struct conf *cf)
{
	return pool_zalloc(cf->pool, sizeof(struct upstreams));
}

/* All blocks have been read: what is no upstream's name is an address. */
static int init_main(struct conf *cf, void *section)
{
	struct upstreams *all = section;
	const char *problem;

	for (size_t i = 0; i < all->list.count; i++) {
		struct upstream *u = upstream_at(all, i);

		set_defaults(u);
		if (group_init(u, &problem) == 0)
			continue;
		cf->file = u->file;
		cf->line = u->line;
		return conf_fail(cf, "%s in upstream \"%.*s\"", problem, STR_ARGS(u->name));
	}
	return 0;
}

static void stop(struct http *http)
{
	struct upstreams *all = upstreams_of(http);

	for (size_t i = 0; i < all->list.count; i++)
		links_close_idle(upstream_at(all, i));
}

#define AT(member) LEVEL_MAIN, offsetof(struct upstream, member)

static const struct directive directives[] = {
    {"upstream", IN_HTTP | BLOCK | ARGS_1, open_upstream, LEVEL_MAIN, 0, NULL},
    {"server", IN_UPSTREAM | ARGS_1_MORE, set_server, LEVEL_MAIN, 0, NULL},
    {"keepalive", IN_UPSTREAM | ARGS_1, conf_set_number, AT(keepalive), NULL},
    {"keepalive_requests", IN_UPSTREAM | ARGS_1, conf_set_number, AT(keepalive_requests), NULL},
    {"keepalive_timeout", IN_UPSTREAM | ARGS_1, conf_set_ms, AT(keepalive_timeout), NULL},
    {"keepalive_time", IN_UPSTREAM | ARGS_1, conf_set_ms, AT(keepalive_time), NULL},
    {.name = NULL},
};

static const struct http_hooks hooks = {
    .create_main = create_main, .init_main = init_main, .stop = stop};

static struct board_number numbers[] = {
    {"upstreams", "idle", NULL, &upstream_stats.idle, false, 0},
    {"upstreams", "busy", NULL, &upstream_stats.busy, false, 0},
    {"upstreams", "waiting", NULL, &upstream_stats.waiting, false, 0},
    {"upstreams", "opened", NULL, &upstream_stats.opened, true, 0},
    {"upstreams", "reused", NULL, &upstream_stats.reused, true, 0},
    {"upstreams", "failed", NULL, &upstream_stats.failed, true, 0},
    {.name = NULL},
};

struct module upstream_module = {
    .name = "upstream",
    .kind = MODULE_HTTP,
    .directives = directives,
    .hooks = &hooks,
    .numbers = numbers,
};
