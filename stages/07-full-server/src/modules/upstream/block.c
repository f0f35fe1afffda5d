/*
 * block: the block upstream {}, and the upstreams that other modules ask for by name.
 *
 *     upstream backend {
 *         zone backend 64k;
 *         least_conn;
 *         server 127.0.0.1:8081 weight=5;
 *         server 127.0.0.1:8082 max_fails=3 fail_timeout=30s;
 *         server 127.0.0.1:8083 backup;
 *         keepalive 32;
 *         pool_max 100;
 *         queue 1000 timeout=10s;
 *     }
 */
#include "modules/upstream/block.h"

#include "conf/value.h"
#include "event/board.h"
#include "http/request/request.h"
#include "modules/upstream/ask.h"
#include "modules/upstream/count.h"

extern struct module upstream_module;

enum { PORT = 80, KEEPALIVE = 32, MINUTE = 60000, HOUR = 60 * MINUTE, FAIL_TIMEOUT = 10000 };

struct upstreams {             /* the section of http {} */
	struct pool_list list; /* struct upstream * */
};

static struct upstreams *serving; /* the upstreams that this worker uses; NULL in the master */

static struct upstream *upstream_at(const struct upstreams *all, size_t i)
{
	return ((struct upstream **)all->list.items)[i];
}

struct upstream *upstream_serving(size_t i)
{
	return serving != NULL && i < serving->list.count ? upstream_at(serving, i) : NULL;
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
	conf_unset(upstream_module.directives, LEVEL_SERVER, u);
}

/* With pool_max, the number of connections is limited anyway. So all of them are kept. */
static int64_t default_keepalive(const struct upstream *u)
{
	int64_t all = u->pool_max * (int64_t)u->lines.count;

	return all > KEEPALIVE ? all : KEEPALIVE;
}

static void set_defaults(struct upstream *u)
{
	conf_inherit(upstream_module.directives, LEVEL_SERVER, u, u);
	if (u->keepalive == CONF_UNSET)
		u->keepalive = default_keepalive(u);
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

/* Makes an upstream for one request. The upstream ends with the request, so it keeps no
 * connections. */
static struct upstream *make(struct request *r, struct str name, int port)
{
	struct upstream *u = pool_alloc(r->pool, sizeof(*u));

	if (u == NULL)
		return NULL;
	init(u, r->pool, name, port);
	u->keepalive = 0;
	set_defaults(u);
	return group_init(u) == NULL ? u : NULL;
}

struct upstream *upstream_find(struct request *r, struct str name, int port)
{
	struct upstream *u = find(request_section(r, LEVEL_MAIN, &upstream_module), name, port);

	if (u != NULL)
		return u;
	return address_is_numeric(name) ? make(r, name, port) : NULL;
}

/* ---- the block */

/* Inside of the block, the section of this module is the struct upstream. */
static int read_block(struct conf *cf, struct upstream *u)
{
	void **sections = pool_array(cf->pool, cf->module_count, sizeof(*sections));
	struct scope scope = *cf->scope;

	if (sections == NULL)
		return conf_no_memory(cf);
	sections[upstream_module.index] = u;
	scope.sections[LEVEL_SERVER] = sections;
	scope.owner = u;
	return conf_block(cf, IN_UPSTREAM, &scope);
}

static int check_backups(struct conf *cf, const struct upstream *u)
{
	const struct backend *lines = u->lines.items;

	if (u->method == CONF_UNSET || u->method == BALANCE_LEAST_CONN)
		return 0;
	for (size_t i = 0; i < u->lines.count; i++)
		if (lines[i].backup)
			return conf_fail(cf, "the balancing method does not support \"backup\"");
	return 0;
}

static int open_upstream(struct conf *cf, const struct directive *d, void *section)
{
	struct upstream *u = upstream_named(cf, cf->args[1], PORT);

	if (u == NULL)
		return -1;
	if (u->defined)
		return conf_fail(cf, "duplicate upstream \"%.*s\"", STR_ARGS(u->name));
	u->defined = true;
	if (read_block(cf, u) < 0)
		return -1;
	if (u->lines.count == 0)
		return conf_fail(cf, "no servers are inside upstream \"%.*s\"", STR_ARGS(u->name));
	return check_backups(cf, u);
}

/* ---- server */

static bool parse_count(struct str text, uint32_t least, uint32_t *count)
{
	int64_t n = str_to_number(text);

	*count = (uint32_t)n;
	return n >= least && n <= UINT16_MAX;
}

static bool server_param(struct backend *s, struct str arg)
{
	struct str value;

	if (conf_param(arg, STR("weight="), &value))
		return parse_count(value, 1, &s->weight);
	if (conf_param(arg, STR("max_fails="), &value))
		return parse_count(value, 0, &s->max_fails);
	if (conf_param(arg, STR("max_conns="), &value))
		return parse_count(value, 0, &s->max_conns);
	if (conf_param(arg, STR("fail_timeout="), &value))
		return parse_ms(value, &s->fail_timeout);
	if (str_equal(arg, STR("backup")))
		return s->backup = true;
	if (str_equal(arg, STR("down")))
		return s->down = true;
	return false;
}

static int set_server(struct conf *cf, const struct directive *d, void *section)
{
	struct upstream *u = section;
	struct backend *s = pool_list_add(cf->pool, &u->lines, sizeof(*s));

	if (s == NULL)
		return conf_no_memory(cf);
	*s = (struct backend){
	    .name = cf->args[1], .weight = 1, .max_fails = 1, .fail_timeout = FAIL_TIMEOUT};
	for (uint32_t i = 2; i < cf->arg_count; i++)
		if (!server_param(s, cf->args[i]))
			return conf_bad_param(cf, cf->args[i]);
	return 0;
}

/* ---- the methods */

static int set_method(struct conf *cf, struct upstream *u, enum balancing method)
{
	if (u->method != CONF_UNSET)
		conf_warn(cf, "load balancing method redefined");
	u->method = (int)method;
	u->key = NULL;
	return 0;
}

static int set_least_conn(struct conf *cf, const struct directive *d, void *section)
{
	return set_method(cf, section, BALANCE_LEAST_CONN);
}

static int set_ip_hash(struct conf *cf, const struct directive *d, void *section)
{
	return set_method(cf, section, BALANCE_IP_HASH);
}

static int set_hash(struct conf *cf, const struct directive *d, void *section)
{
	struct upstream *u = section;
	bool consistent = cf->arg_count == 3;

	if (consistent && !str_equal(cf->args[2], STR("consistent")))
		return conf_bad_param(cf, cf->args[2]);
	set_method(cf, u, consistent ? BALANCE_HASH_CONSISTENT : BALANCE_HASH);
	u->key = template_compile(cf, cf->args[1]);
	return u->key != NULL ? 0 : -1;
}

static int set_random(struct conf *cf, const struct directive *d, void *section)
{
	bool two = cf->arg_count > 1;

	if (two && !str_equal(cf->args[1], STR("two")))
		return conf_bad_param(cf, cf->args[1]);
	if (cf->arg_count > 2 && !str_equal(cf->args[2], STR("least_conn")))
		return conf_bad_param(cf, cf->args[2]);
	return set_method(cf, section, two ? BALANCE_RANDOM_TWO : BALANCE_RANDOM);
}

/* ---- the pool and the zone */

static int set_queue(struct conf *cf, const struct directive *d, void *section)
{
	struct upstream *u = section;
	struct str timeout;

	u->queue_timeout = MINUTE;
	if (conf_set_number(cf, d, section) < 0)
		return -1;
	if (cf->arg_count == 2)
		return 0;
	if (!conf_param(cf->args[2], STR("timeout="), &timeout) ||
	    !parse_ms(timeout, &u->queue_timeout) || u->queue_timeout == 0)
		return conf_bad_param(cf, cf->args[2]);
	return 0;
}

static int set_zone(struct conf *cf, const struct directive *d, void *section)
{
	struct upstream *u = section;

	if (u->zone_name.data != NULL)
		return conf_duplicate(cf);
	u->zone_name = cf->args[1];
	if (cf->arg_count == 3 && (!parse_size(cf->args[2], &u->zone_size) || u->zone_size == 0))
		return conf_bad_value(cf, cf->args[2]);
	return 0;
}

/* Several blocks may use the same zone, and only one of them needs to give the size. This size
 * is valid for all of them. */
static int64_t zone_size(const struct upstreams *all, const struct upstream *u)
{
	int64_t size = u->zone_size;

	for (size_t i = 0; i < all->list.count && size == 0; i++)
		if (upstream_at(all, i)->zone_size > 0 &&
		    str_equal(upstream_at(all, i)->zone_name, u->zone_name))
			size = upstream_at(all, i)->zone_size;
	return size;
}

/* After a reload, a zone with the same purpose keeps its counts. The purpose contains the
 * servers and their weights, so a change of the servers starts new counts. */
static struct str zone_purpose(struct conf *cf, const struct upstream *u)
{
	struct str purpose = pool_print(cf->pool, "upstream %.*s", STR_ARGS(u->name));

	for (uint32_t i = 0; i < u->count && purpose.data != NULL; i++)
		purpose = pool_print(cf->pool, "%s %.*s %u", purpose.data,
				     STR_ARGS(u->servers[i].name), u->servers[i].weight);
	return purpose;
}

static int add_zone(struct conf *cf, const struct upstreams *all, struct upstream *u)
{
	struct str purpose;
	int64_t size;
	size_t least;

	if (u->zone_name.data == NULL)
		return 0;
	size = zone_size(all, u);
	if (size == 0)
		return conf_fail(cf, "zone \"%.*s\" has no size", STR_ARGS(u->zone_name));
	least = count_room(u->count) > SLAB_LEAST ? count_room(u->count) : SLAB_LEAST;
	if (size < (int64_t)least)
		return conf_fail(cf, "zone \"%.*s\" is too small: at least %zuk for %u servers",
				 STR_ARGS(u->zone_name), (least + 1023) >> 10, u->count);
	purpose = zone_purpose(cf, u);
	if (purpose.data == NULL)
		return conf_no_memory(cf);
	u->zone = zone_add(cf, u->zone_name, purpose, (size_t)size);
	return u->zone != NULL ? 0 : -1;
}

/* ---- the module */

/* Called after all blocks have been read. A name without a block must now be an address. */
static int finish(struct conf *cf, const struct upstreams *all, struct upstream *u)
{
	const char *problem;

	cf->file = u->file;
	cf->line = u->line;
	set_defaults(u);
	problem = group_init(u);
	if (problem != NULL)
		return conf_fail(cf, "%s in upstream \"%.*s\"", problem, STR_ARGS(u->name));
	return add_zone(cf, all, u);
}

static int init_main(struct conf *cf, void *section)
{
	const struct upstreams *all = section;
	struct conf before = *cf;

	for (size_t i = 0; i < all->list.count; i++)
		if (finish(cf, all, upstream_at(all, i)) < 0)
			return -1;
	*cf = before;
	return 0;
}

static void for_each(void (*visit)(struct upstream *u))
{
	struct upstream *u;

	for (size_t i = 0; (u = upstream_serving(i)) != NULL; i++)
		visit(u);
}

static int start(struct http *http)
{
	serving = upstreams_of(http);
	ask_init();
	for_each(ask_start);
	return 0;
}

static void leave(void *section)
{
	for_each(ask_leave);
}

/* Called when the last client has ended: http {} stops after its clients. */
static void stop(struct http *http)
{
	for_each(ask_stop);
	serving = NULL;
}

/* A row of the table of directives. */
#define ROW(name, args, set)                                                                       \
	{                                                                                          \
		name, IN_UPSTREAM | (args), set, LEVEL_SERVER                                      \
	}
#define VALUE(name, args, set, member, otherwise)                                                  \
	{                                                                                          \
		name, IN_UPSTREAM | (args), set, LEVEL_SERVER,                                     \
		    SETTING(struct upstream, member, otherwise)                                    \
	}

static const struct directive directives[] = {
    {"upstream", IN_HTTP | BLOCK | ARGS_1, open_upstream, LEVEL_MAIN},
    ROW("server", ARGS_1_MORE, set_server),
    VALUE("least_conn", ARGS_0, set_least_conn, method, BALANCE_ROUND_ROBIN),
    ROW("ip_hash", ARGS_0, set_ip_hash),
    ROW("hash", ARGS_1_2, set_hash),
    ROW("random", ARGS_0 | ARGS_1_2, set_random),
    ROW("zone", ARGS_1_2, set_zone),
    VALUE("keepalive", ARGS_1, conf_set_number, keepalive, CONF_UNSET),
    VALUE("keepalive_requests", ARGS_1, conf_set_number, keepalive_requests, 1000),
    VALUE("keepalive_timeout", ARGS_1, conf_set_ms, keepalive_timeout, MINUTE),
    VALUE("keepalive_time", ARGS_1, conf_set_ms, keepalive_time, HOUR),
    VALUE("pool_max", ARGS_1, conf_set_number, pool_max, 0),
    VALUE("queue", ARGS_1_2, set_queue, queue_most, 0),
    {.name = NULL},
};

static const struct http_hooks hooks = {
    .main_size = sizeof(struct upstreams),
    .init_main = init_main,
    .start = start,
    .stop = stop,
};

static struct board_number numbers[] = {
    {"upstreams", "idle", "upstream_idle", &upstream_stats.idle, false, 0},
    {"upstreams", "busy", "upstream_busy", &upstream_stats.busy, false, 0},
    {"upstreams", "waiting", "upstream_waiting", &upstream_stats.waiting, false, 0},
    {"upstreams", "opened", NULL, &upstream_stats.opened, true, 0},
    {"upstreams", "reused", NULL, &upstream_stats.reused, true, 0},
    {"upstreams", "failed", NULL, &upstream_stats.failed, true, 0},
    {"upstreams", "queued", NULL, &upstream_stats.queued, true, 0},
    {"upstreams", "queue_full", NULL, &upstream_stats.overflowed, true, 0},
    {"upstreams", "queue_timeout", NULL, &upstream_stats.timed_out, true, 0},
    {.name = NULL},
};

struct module upstream_module = {
    .name = "upstream",
    .kind = MODULE_HTTP,
    .directives = directives,
    .hooks = &hooks,
    .leave = leave,
    .numbers = numbers,
};
