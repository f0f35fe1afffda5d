/*
 * limit_req: so many requests a second for each key.
 *
 *     limit_req_zone $binary_remote_addr zone=one:10m rate=10r/s;
 *     limit_req zone=one burst=20 delay=5;
 *
 * A leaky bucket: each request adds one, and `rate` flows out all the time.
 *
 *      0         delay               burst
 *      |--passed---|-----delayed-------|--rejected-->   excess
 *
 * One that is delayed waits until the bucket has sunk to `delay`. The excess
 * is counted in thousandths of a request; who is rejected adds nothing.
 */
#include "base/clock.h"
#include "http/client.h"
#include "http/limit_zone.h"

extern struct module limit_req_module;

enum { WHOLE = 1000 }; /* one request */

struct bucket { /* what the zone keeps for a key */
	int64_t excess;
	int64_t last; /* monotonic ms */
};

struct limit {
	struct limit_zone *zone;
	int64_t burst, delay; /* in thousandths; nodelay: as high as burst */
};

struct limit_req_location {
	struct pool_list *limits; /* struct limit; NULL: none */
	int64_t status;
	int log_level, dry_run;
};

enum { LIMITS_MAX = 16 };

/* What one limit says of a request. */
struct finding {
	struct bucket *bucket; /* NULL: it has nothing to say */
	int64_t excess;
};

static struct limit_zones *zones_of(struct conf *cf)
{
	return http_of(cf)->main[limit_req_module.index];
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
	struct limit_req_location *l = pool_zalloc(cf->pool, sizeof(*l));

	if (l != NULL) {
		l->status = CONF_UNSET;
		l->log_level = l->dry_run = CONF_UNSET;
	}
	return l;
}

static int merge_location(struct conf *cf, void *outer, void *inner)
{
	struct limit_req_location *o = outer, *i = inner;

	(void)cf;
	CONF_INHERIT_PTR(i->limits, o->limits, NULL);
	conf_inherit(&i->status, o->status, 503);
	conf_inherit_int(&i->log_level, o->log_level, LOG_ERROR);
	conf_inherit_int(&i->dry_run, o->dry_run, 0);
	return 0;
}

/* ---- directives */

static bool take_value(struct str arg, struct str name, struct str *value)
{
	if (!str_starts(arg, name))
		return false;
	*value = (struct str){arg.data + name.len, arg.len - name.len};
	return true;
}

/* "10r/s", "30r/m" */
static bool parse_rate(struct str text, int64_t *rate)
{
	bool minutes = str_ends(text, STR("r/m"));
	int64_t n;

	if (!minutes && !str_ends(text, STR("r/s")))
		return false;
	n = str_to_number((struct str){text.data, text.len - 3});
	if (n <= 0 || n > INT32_MAX)
		return false;
	*rate = n * WHOLE / (minutes ? 60 : 1);
	return true;
}

static int set_zone(struct conf *cf, const struct directive *d, void *section)
{
	struct str place = STR_NONE, value;
	struct limit_zone *z;
	int64_t rate = WHOLE;

	(void)d;
	for (uint32_t i = 2; i < cf->arg_count; i++) {
		if (str_starts(cf->args[i], STR("zone=")))
			place = cf->args[i];
		else if (!take_value(cf->args[i], STR("rate="), &value) ||
			 !parse_rate(value, &rate))
			return conf_bad_value(cf, cf->args[i]);
	}
	if (place.len == 0)
		return conf_fail(cf, "\"limit_req_zone\" must have the \"zone\" parameter");
	z = limit_zone_define(cf, section, cf->args[1], place, sizeof(struct bucket));
	if (z == NULL)
		return -1;
	z->rate = rate;
	return 0;
}

static bool parse_count(struct str text, int64_t *count)
{
	int64_t n = str_to_number(text);

	*count = n * WHOLE;
	return n > 0 && n <= INT32_MAX;
}

static int take_option(struct conf *cf, struct limit *limit, struct str arg)
{
	struct str value;
	bool good = false;

	if (take_value(arg, STR("zone="), &value) && value.len > 0) {
		limit->zone = limit_zone_named(cf, zones_of(cf), value);
		if (limit->zone == NULL)
			return -1;
		good = true;
	} else if (take_value(arg, STR("burst="), &value)) {
		good = parse_count(value, &limit->burst);
	} else if (take_value(arg, STR("delay="), &value)) {
		good = parse_count(value, &limit->delay);
	} else if (str_equal(arg, STR("nodelay"))) {
		limit->delay = INT64_MAX;
		good = true;
	}
	return good ? 0 : conf_bad_value(cf, arg);
}

static int limit_add(struct conf *cf, struct limit_req_location *l, const struct limit *limit)
{
	struct limit *place;

	if (l->limits == NULL)
		l->limits = pool_zalloc(cf->pool, sizeof(*l->limits));
	if (l->limits == NULL)
		return conf_no_memory(cf);
	for (size_t i = 0; i < l->limits->count; i++)
		if (((struct limit *)l->limits->items)[i].zone == limit->zone)
			return conf_duplicate(cf);
	if (l->limits->count == LIMITS_MAX)
		return conf_fail(cf, "more than %d limits in one place", (int)LIMITS_MAX);
	place = pool_list_add(cf->pool, l->limits, sizeof(*place));
	if (place == NULL)
		return conf_no_memory(cf);
	*place = *limit;
	return 0;
}

static int set_limit(struct conf *cf, const struct directive *d, void *section)
{
	struct limit limit = {.zone = NULL};

	(void)d;
	for (uint32_t i = 1; i < cf->arg_count; i++)
		if (take_option(cf, &limit, cf->args[i]) < 0)
			return -1;
	if (limit.zone == NULL)
		return conf_fail(cf, "\"limit_req\" must have the \"zone\" parameter");
	return limit_add(cf, section, &limit);
}

/* ---- requests */

/* What the bucket would hold with this request. */
static int64_t excess_now(const struct limit_zone *z, const struct bucket *b)
{
	int64_t flown, excess;

	/* after long enough it is empty, whatever the product would be */
	if (__builtin_mul_overflow(z->rate, now.ms - b->last, &flown))
		return 0;
	excess = b->excess - flown / 1000 + WHOLE;
	return excess > 0 ? excess : 0;
}

/* Looks, and changes nothing. False: too many. */
static bool look(struct request *r, const struct limit *limit, struct finding *f)
{
	struct str key;

	*f = (struct finding){.bucket = NULL};
	if (!limit_zone_key(r, limit->zone, &key))
		return true;
	f->bucket = limit_zone_find(limit->zone, key);
	if (f->bucket != NULL) {
		f->excess = excess_now(limit->zone, f->bucket);
		return f->excess <= limit->burst;
	}
	f->bucket = limit_zone_add(limit->zone, key, true);
	return f->bucket != NULL;
}

/* The request is let in: it counts in all of its buckets. Returns the ms that it must wait. */
static int64_t count(const struct limit *limits, const struct finding *found, size_t n,
		     const struct limit **slowest, int64_t *excess)
{
	int64_t longest = 0;

	for (size_t i = 0; i < n; i++) {
		int64_t wait;

		if (found[i].bucket == NULL)
			continue;
		*found[i].bucket = (struct bucket){found[i].excess, now.ms};
		wait = found[i].excess > limits[i].delay
			   ? (found[i].excess - limits[i].delay) * 1000 / limits[i].zone->rate
			   : 0;
		if (wait > longest) {
			longest = wait;
			*slowest = &limits[i];
			*excess = found[i].excess;
		}
	}
	return longest;
}

static void log_limit(const struct request *r, const struct limit_req_location *l, const char *what,
		      int level, const struct limit *limit, int64_t excess)
{
	request_log(r, (enum log_level)level, "%s%s, excess: %lld.%03d by zone \"%.*s\"", what,
		    l->dry_run ? ", dry run" : "", (long long)(excess / WHOLE),
		    (int)(excess % WHOLE), STR_ARGS(limit->zone->name));
}

static enum phase_result reject(struct request *r, const struct limit_req_location *l,
				const struct limit *limit, int64_t excess)
{
	r->limit_req = l->dry_run ? LIMIT_REJECTED_DRY_RUN : LIMIT_REJECTED;
	log_limit(r, l, "limiting requests", l->log_level, limit, excess);
	return l->dry_run ? PHASE_NEXT : request_refuse(r, (int)l->status);
}

static void go_on(struct request *r)
{
	r->on_timeout = NULL;
	phase_run(r);
}

/* A delay is one step less serious than a rejection. */
static enum phase_result delay(struct request *r, const struct limit_req_location *l,
			       const struct limit *limit, int64_t excess, int64_t ms)
{
	r->limit_req = l->dry_run ? LIMIT_DELAYED_DRY_RUN : LIMIT_DELAYED;
	log_limit(r, l, "delaying request", l->log_level + 1, limit, excess);
	if (l->dry_run)
		return PHASE_NEXT;
	r->on_timeout = go_on;
	timer_start(&r->client->conn->timer, ms);
	return PHASE_WAIT;
}

static enum phase_result check(struct request *r)
{
	const struct limit_req_location *l = request_section(r, LEVEL_LOCATION, &limit_req_module);
	const struct limit *limits, *slowest = NULL;
	struct finding found[LIMITS_MAX];
	int64_t excess = 0, wait;

	/* asked already: the delay is over, or the request was redirected */
	if (l->limits == NULL || r != r->main || r->limit_req != LIMIT_NOT_ASKED)
		return PHASE_NEXT;
	limits = l->limits->items;
	for (size_t i = 0; i < l->limits->count; i++) {
		if (!look(r, &limits[i], &found[i]))
			return reject(r, l, &limits[i], found[i].excess);
		if (found[i].bucket != NULL)
			r->limit_req = LIMIT_PASSED;
	}
	wait = count(limits, found, l->limits->count, &slowest, &excess);
	return wait > 0 ? delay(r, l, slowest, excess, wait) : PHASE_NEXT;
}

static bool get_status(struct request *r, const struct variable *v, struct str *value)
{
	(void)v;
	return limit_status_name((enum limit_status)r->main->limit_req, value);
}

static int declare(struct conf *cf)
{
	static const struct variable_spec variables[] = {
	    {"limit_req_status", get_status, 0, true, NULL},
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
		    offsetof(struct limit_req_location, member), extra                             \
	}

static const struct directive directives[] = {
    {"limit_req_zone", IN_HTTP | ARGS_2 | ARGS_3, set_zone, LEVEL_MAIN, 0, NULL},
    {"limit_req", IN_HTTP_ALL | ARGS_1 | ARGS_2 | ARGS_3, set_limit, LEVEL_LOCATION, 0, NULL},
    VALUE("limit_req_status", number, status, &limit_statuses),
    VALUE("limit_req_log_level", enum, log_level, limit_log_levels),
    VALUE("limit_req_dry_run", flag, dry_run, NULL),
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

struct module limit_req_module = {
    .name = "limit_req", .kind = MODULE_HTTP, .directives = directives, .hooks = &hooks};
