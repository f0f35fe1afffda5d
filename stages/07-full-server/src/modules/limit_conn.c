/*
 * limit_conn: so many requests at a time for each key.
 *
 *     limit_conn_zone $binary_remote_addr zone=clients:10m;
 *     limit_conn clients 10;
 *
 * A connection counts while a request of it is being worked on, from its whole
 * head to its answer. The request's pool gives the place back, however it ends.
 */
#include "http/limit_zone.h"

extern struct module limit_conn_module;

struct counter { /* what the zone keeps for a key */
	uint32_t requests;
};

struct limit {
	struct limit_zone *zone;
	int64_t most;
};

struct limit_conn_location {
	struct pool_list *limits; /* struct limit; NULL: none */
	int64_t status;
	int log_level, dry_run;
};

struct place { /* that a request holds */
	struct limit_zone *zone;
	struct counter *counter;
};

static struct limit_zones *zones_of(struct conf *cf)
{
	return http_of(cf)->main[limit_conn_module.index];
}

static void *create_main(struct conf *cf)
{
	return pool_zalloc(cf->pool, sizeof(struct limit_zones));
}

static int init_main(struct conf *cf, void *section)
{
	return limit_zones_check(cf, section);
}

static void *create_location(struct conf *cf)
{
	struct limit_conn_location *l = pool_zalloc(cf->pool, sizeof(*l));

	if (l != NULL) {
		l->status = CONF_UNSET;
		l->log_level = l->dry_run = CONF_UNSET;
	}
	return l;
}

static int merge_location(struct conf *cf, void *outer, void *inner)
{
	struct limit_conn_location *o = outer, *i = inner;

	(void)cf;
	CONF_INHERIT_PTR(i->limits, o->limits, NULL);
	conf_inherit(&i->status, o->status, 503);
	conf_inherit_int(&i->log_level, o->log_level, LOG_ERROR);
	conf_inherit_int(&i->dry_run, o->dry_run, 0);
	return 0;
}

static int set_zone(struct conf *cf, const struct directive *d, void *section)
{
	(void)d;
	return limit_zone_define(cf, section, cf->args[1], cf->args[2], sizeof(struct counter)) !=
		       NULL
		   ? 0
		   : -1;
}

static bool has_zone(const struct pool_list *limits, const struct limit_zone *z)
{
	for (size_t i = 0; i < limits->count; i++)
		if (((struct limit *)limits->items)[i].zone == z)
			return true;
	return false;
}

static int set_limit(struct conf *cf, const struct directive *d, void *section)
{
	struct limit_conn_location *l = section;
	struct limit_zone *z = limit_zone_named(cf, zones_of(cf), cf->args[1]);
	int64_t most = str_to_number(cf->args[2]);
	struct limit *limit;

	(void)d;
	if (z == NULL)
		return -1;
	if (most <= 0 || most > 65535)
		return conf_fail(cf, "invalid number of connections \"%.*s\"",
				 STR_ARGS(cf->args[2]));
	if (l->limits == NULL)
		l->limits = pool_zalloc(cf->pool, sizeof(*l->limits));
	if (l->limits != NULL && has_zone(l->limits, z))
		return conf_duplicate(cf);
	limit = l->limits != NULL ? pool_list_add(cf->pool, l->limits, sizeof(*limit)) : NULL;
	if (limit == NULL)
		return conf_no_memory(cf);
	*limit = (struct limit){z, most};
	return 0;
}

static void give_back(void *data)
{
	struct place *p = data;

	if (--p->counter->requests == 0)
		limit_zone_remove(p->zone, p->counter);
}

static bool is_full(const struct limit *limit, struct str key)
{
	const struct counter *counter = limit_zone_find(limit->zone, key);

	return counter != NULL && counter->requests >= limit->most;
}

/* False: no memory. */
static bool take_place(struct request *r, const struct limit *limit, struct str key)
{
	struct counter *counter = limit_zone_find(limit->zone, key);
	struct place *p = pool_zalloc(r->pool, sizeof(*p));
	struct pool_cleanup *c = p != NULL ? pool_cleanup_add(r->pool, p) : NULL;

	if (c != NULL && counter == NULL)
		counter = limit_zone_add(limit->zone, key, false);
	if (c == NULL || counter == NULL)
		return false;
	counter->requests++;
	*p = (struct place){limit->zone, counter};
	c->run = give_back;
	return true;
}

static enum phase_result reject(struct request *r, const struct limit_conn_location *l,
				const struct limit_zone *z)
{
	r->limit_conn = l->dry_run ? LIMIT_REJECTED_DRY_RUN : LIMIT_REJECTED;
	request_log(r, (enum log_level)l->log_level, "limiting connections%s by zone \"%.*s\"",
		    l->dry_run ? ", dry run," : "", STR_ARGS(z->name));
	return l->dry_run ? PHASE_NEXT : request_refuse(r, (int)l->status);
}

/* First all are asked, then places are taken: who is rejected shall hold none. */
static enum phase_result check(struct request *r)
{
	const struct limit_conn_location *l =
	    request_section(r, LEVEL_LOCATION, &limit_conn_module);
	const struct limit *limits;
	struct str key;

	if (l->limits == NULL || r != r->main || r->limit_conn != LIMIT_NOT_ASKED)
		return PHASE_NEXT;
	limits = l->limits->items;
	for (size_t i = 0; i < l->limits->count; i++)
		if (limit_zone_key(r, limits[i].zone, &key) && is_full(&limits[i], key))
			return reject(r, l, limits[i].zone);
	for (size_t i = 0; i < l->limits->count; i++) {
		if (!limit_zone_key(r, limits[i].zone, &key))
			continue;
		r->limit_conn = LIMIT_PASSED;
		if (!take_place(r, &limits[i], key))
			return reject(r, l, limits[i].zone);
	}
	return PHASE_NEXT;
}

static bool get_status(struct request *r, const struct variable *v, struct str *value)
{
	(void)v;
	return limit_status_name((enum limit_status)r->main->limit_conn, value);
}

static int declare(struct conf *cf)
{
	static const struct variable_spec variables[] = {
	    {"limit_conn_status", get_status, 0, true, NULL},
	    {.name = NULL},
	};

	return variables_declare(cf, variables);
}

static int setup(struct conf *cf)
{
	return phase_add(cf, PHASE_PRE_ACCESS, check);
}

#define VALUE(name, type, member, extra)                                                           \
	{                                                                                          \
		name, IN_HTTP_ALL | ARGS_1, conf_set_##type, LEVEL_LOCATION,                       \
		    offsetof(struct limit_conn_location, member), extra                            \
	}

static const struct directive directives[] = {
    {"limit_conn_zone", IN_HTTP | ARGS_2, set_zone, LEVEL_MAIN, 0, NULL},
    {"limit_conn", IN_HTTP_ALL | ARGS_2, set_limit, LEVEL_LOCATION, 0, NULL},
    VALUE("limit_conn_status", number, status, &limit_statuses),
    VALUE("limit_conn_log_level", enum, log_level, limit_log_levels),
    VALUE("limit_conn_dry_run", flag, dry_run, NULL),
    {.name = NULL},
};

static const struct http_hooks hooks = {
    .declare = declare,
    .create_main = create_main,
    .init_main = init_main,
    .create_location = create_location,
    .merge_location = merge_location,
    .setup = setup,
};

struct module limit_conn_module = {
    .name = "limit_conn", .kind = MODULE_HTTP, .directives = directives, .hooks = &hooks};
