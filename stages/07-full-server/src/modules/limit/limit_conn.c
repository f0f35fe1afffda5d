/*
 * limit_conn: for each key, limits the number of requests at the same time.
 *
 *     limit_conn_zone $binary_remote_addr zone=clients:10m;
 *     limit_conn clients 10;
 *
 * A connection counts from the moment when the head of a request is complete until its answer
 * is sent. A cleanup of the request's pool releases the place, however the request ends. The
 * places of a killed worker are released when the zone is used the next time.
 */
#include "event/board.h"
#include "http/request/request.h"
#include "modules/limit/limit.h"

extern struct module limit_conn_module;

struct counter { /* the data of one key in the zone */
	uint32_t requests;
	struct list seats;
};

struct seat { /* one request, in the zone */
	struct list link;
	struct board_life worker;
};

struct limit {
	struct limit_zone *zone;
	int64_t most;
};

struct place { /* one place, in the request's pool */
	struct place *next;
	struct limit_zone *zone;
	struct counter *counter;
	struct seat *seat;
	/* the number of the zone's resets when the place was taken; if the zone was reset
	 * later, the place is gone */
	uint32_t resets;
};

struct holding { /* all places of a request */
	struct place *first;
};

/* ---- directives */

static void free_seats_of_the_dead(struct limit_zone *z, void *data);

static int set_zone(struct conf *cf, const struct directive *d, void *section)
{
	struct limit_zone *z =
	    limit_zone_define(cf, section, cf->args[1], cf->args[2], sizeof(struct counter));

	if (z == NULL)
		return -1;
	z->on_death = free_seats_of_the_dead;
	return 0;
}

static int set_limit(struct conf *cf, const struct directive *d, void *section)
{
	struct limit limit = {NULL, str_to_number(cf->args[2])};

	if (limit.most <= 0 || limit.most > 65535)
		return conf_fail(cf, "invalid number of connections \"%.*s\"",
				 STR_ARGS(cf->args[2]));
	limit.zone = limit_zone_named(cf, http_of(cf)->main[limit_conn_module.index], cf->args[1]);
	return limit.zone != NULL ? limit_rules_add(cf, section, &limit, sizeof(limit)) : -1;
}

/* ---- places; the zone is locked */

static struct counter *counter_of(struct limit_zone *z, struct str key)
{
	struct counter *counter = limit_zone_find(z, key);

	if (counter == NULL) {
		counter = limit_zone_add(z, key, false);
		if (counter != NULL)
			list_init(&counter->seats);
	}
	return counter;
}

static void free_seat(struct limit_zone *z, struct counter *counter, struct seat *seat)
{
	list_remove(&seat->link);
	slab_free(z->memory->slab, seat);
	counter->requests--;
}

static void forget_if_empty(struct limit_zone *z, struct counter *counter)
{
	if (counter->requests == 0)
		limit_zone_remove(z, counter);
}

static void free_seats_of_the_dead(struct limit_zone *z, void *data)
{
	struct counter *counter = data;

	LIST_EACH(link, &counter->seats) {
		struct seat *seat = CONTAINER_OF(link, struct seat, link);

		if (!board_is_alive(seat->worker))
			free_seat(z, counter, seat);
	}
	forget_if_empty(z, counter);
}

/* Returns false when all places are taken, or when the zone has no room for another record. */
static bool take_seat(struct place *p, const struct limit *limit, struct str key)
{
	struct slab *memory = limit->zone->memory->slab;
	struct counter *counter = counter_of(limit->zone, key);
	struct seat *seat = NULL;

	if (counter == NULL)
		return false;
	if (counter->requests < limit->most)
		seat = slab_alloc(memory, sizeof(*seat));
	if (seat == NULL) {
		forget_if_empty(limit->zone, counter);
		return false;
	}
	seat->worker = board_own_life();
	list_add_last(&counter->seats, &seat->link);
	counter->requests++;
	*p = (struct place){p->next, limit->zone, counter, seat, memory->resets};
	return true;
}

/* ---- requests */

static void give_back(struct place *p)
{
	limit_zone_lock(p->zone);
	if (p->resets == p->zone->memory->slab->resets) {
		free_seat(p->zone, p->counter, p->seat);
		forget_if_empty(p->zone, p->counter);
	}
	limit_zone_unlock(p->zone);
}

static void give_all_back(void *data)
{
	struct holding *h = data;

	for (; h->first != NULL; h->first = h->first->next)
		give_back(h->first);
}

static struct holding *holding_create(struct request *r)
{
	struct holding *h = pool_zalloc(r->pool, sizeof(*h));
	struct pool_cleanup *c = h != NULL ? pool_cleanup_add(r->pool, h) : NULL;

	if (c == NULL)
		return NULL;
	c->run = give_all_back;
	return h;
}

static bool take_place(struct request *r, struct holding *h, const struct limit *limit,
		       struct str key)
{
	struct place *p = pool_zalloc(r->pool, sizeof(*p));
	bool taken;

	if (p == NULL)
		return false;
	limit_zone_lock(limit->zone);
	taken = take_seat(p, limit, key);
	limit_zone_unlock(limit->zone);
	if (!taken)
		return false;
	p->next = h->first;
	h->first = p;
	return true;
}

static enum phase_result reject(struct request *r, const struct limit_rules *rules,
				const struct limit_zone *z)
{
	request_log(r, (enum log_level)rules->log_level, "limiting connections%s by zone \"%.*s\"",
		    rules->dry_run ? ", dry run," : "", STR_ARGS(z->name));
	return limit_reject(r, &limit_conn_module, rules);
}

/* If one limit rejects the request, the places of all other limits are released. */
static enum phase_result check(struct request *r)
{
	const struct limit_rules *rules = request_section(r, LEVEL_LOCATION, &limit_conn_module);
	const struct limit *limits;
	struct holding *h;
	struct str key;

	if (rules->limits == NULL || r != r->main || limit_is_decided(r, &limit_conn_module))
		return PHASE_NEXT;
	h = holding_create(r);
	if (h == NULL)
		return request_refuse(r, 500);
	limits = rules->limits->items;
	for (size_t i = 0; i < rules->limits->count; i++) {
		if (!limit_zone_key(r, limits[i].zone, &key))
			continue;
		limit_decide(r, &limit_conn_module, "PASSED");
		if (take_place(r, h, &limits[i], key))
			continue;
		give_all_back(h);
		return reject(r, rules, limits[i].zone);
	}
	return PHASE_NEXT;
}

static bool get_status(struct request *r, const struct variable *v, struct str *value)
{
	return limit_result(r, &limit_conn_module, value);
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

static const struct directive directives[] = {
    {"limit_conn_zone", IN_HTTP | ARGS_2, set_zone, LEVEL_MAIN},
    LIMIT_DIRECTIVES("limit_conn", ARGS_2, set_limit),
    {.name = NULL},
};

static const struct http_hooks hooks = {
    .declare = declare,
    .main_size = sizeof(struct limit_zones),
    .location_size = sizeof(struct limit_rules),
    .init_main = limit_zones_check,
    .setup_if_asked = setup,
};

struct module limit_conn_module = {
    .name = "limit_conn",
    .kind = MODULE_HTTP,
    .directives = directives,
    .hooks = &hooks,
    .keeps_context = true,
};
