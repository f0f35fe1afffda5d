/*
 * limit_req: for each key, limits the number of requests per second.
 *
 *     limit_req_zone $binary_remote_addr zone=one:10m rate=10r/s;
 *     limit_req zone=one burst=20 delay=5;
 *
 * A leaky bucket: each request adds 1 to the bucket, and `rate` flows out per second.
 *
 *      0         delay               burst
 *      |--passed---|-----delayed-------|--rejected-->   excess
 *
 * A delayed request waits until the excess is down to `delay`. The excess is counted in
 * thousandths of a request. A rejected request adds nothing.
 */
#include "base/clock.h"
#include "http/answer/phases.h"
#include "http/wire/client.h"
#include "modules/limit/limit.h"

extern struct module limit_req_module;

enum { WHOLE = 1000 }; /* one request, in thousandths */

struct bucket { /* the data of one key in the zone */
	int64_t excess;
	int64_t last; /* in monotonic ms */
};

struct limit {
	struct limit_zone *zone;
	/* in thousandths; nodelay makes `delay` so large that no request waits */
	int64_t burst, delay;
};

enum { LIMITS_MAX = 16 };

/* The result of one limit for a request. */
struct finding {
	struct str key; /* empty means that the limit does not apply */
	int64_t excess;
};

/* ---- directives */

/* Reads "10r/s" or "30r/m". */
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

	for (uint32_t i = 2; i < cf->arg_count; i++) {
		if (conf_param(cf->args[i], STR("zone="), &value))
			place = cf->args[i];
		else if (!conf_param(cf->args[i], STR("rate="), &value) ||
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

	if (conf_param(arg, STR("zone="), &value) && value.len > 0) {
		limit->zone =
		    limit_zone_named(cf, http_of(cf)->main[limit_req_module.index], value);
		if (limit->zone == NULL)
			return -1;
		good = true;
	} else if (conf_param(arg, STR("burst="), &value)) {
		good = parse_count(value, &limit->burst);
	} else if (conf_param(arg, STR("delay="), &value)) {
		good = parse_count(value, &limit->delay);
	} else if (str_equal(arg, STR("nodelay"))) {
		limit->delay = INT64_MAX;
		good = true;
	}
	return good ? 0 : conf_bad_value(cf, arg);
}

static int set_limit(struct conf *cf, const struct directive *d, void *section)
{
	const struct limit_rules *rules = section;
	struct limit limit = {.zone = NULL};

	for (uint32_t i = 1; i < cf->arg_count; i++)
		if (take_option(cf, &limit, cf->args[i]) < 0)
			return -1;
	if (limit.zone == NULL)
		return conf_fail(cf, "\"limit_req\" must have the \"zone\" parameter");
	if (rules->limits != NULL && rules->limits->count == LIMITS_MAX)
		return conf_fail(cf, "more than %d limits in one place", (int)LIMITS_MAX);
	return limit_rules_add(cf, section, &limit, sizeof(limit));
}

/* ---- buckets */

/* Returns how full the bucket would be with this request. */
static int64_t excess_now(const struct limit_zone *z, const struct bucket *b)
{
	/* the time of another worker may be a little later than now.ms */
	int64_t passed = now.ms > b->last ? now.ms - b->last : 0;
	int64_t flown, excess;

	/* After a long time the bucket is empty. Without this check, the product could
	 * overflow. */
	if (b->last == 0 || __builtin_mul_overflow(z->rate, passed, &flown))
		return 0;
	excess = b->excess - flown / 1000 + WHOLE;
	return excess > 0 ? excess : 0;
}

static void pour(struct bucket *b, int64_t excess)
{
	b->excess = excess;
	if (b->last < now.ms)
		b->last = now.ms;
}

enum how {
	LOOK,          /* change nothing */
	LOOK_AND_POUR, /* add the request if there is room */
	POUR,          /* add the request in any case */
};

/* Returns false when the bucket is full, or when there is no memory for a new bucket. */
static bool ask(const struct limit *limit, struct finding *f, enum how how)
{
	struct bucket *b;
	bool fits = false;

	limit_zone_lock(limit->zone);
	b = limit_zone_find(limit->zone, f->key);
	if (b == NULL)
		b = limit_zone_add(limit->zone, f->key, true);
	if (b != NULL) {
		f->excess = excess_now(limit->zone, b);
		fits = f->excess <= limit->burst;
		if (how == POUR || (how == LOOK_AND_POUR && fits))
			pour(b, f->excess);
	}
	limit_zone_unlock(limit->zone);
	return fits;
}

/* ---- requests */

/*
 * If one limit rejects a request, the request must not count in any limit. So all limits are
 * tested before the request is counted.
 *
 * The last limit is tested and counted under one lock, so that no other worker can add a
 * request in between. Most locations have only one limit; there the limit is exact. Returns -1
 * when all limits allow the request, otherwise the index of the limit that rejects it.
 */
static int find_limit(struct request *r, const struct limit *limits, size_t n,
		      struct finding *found)
{
	for (size_t i = 0; i < n; i++) {
		found[i] = (struct finding){.key = STR_NONE};
		if (!limit_zone_key(r, limits[i].zone, &found[i].key)) {
			found[i].key = STR_NONE;
			continue;
		}
		if (!ask(&limits[i], &found[i], i == n - 1 ? LOOK_AND_POUR : LOOK))
			return (int)i;
		limit_decide(r, &limit_req_module, "PASSED");
	}
	for (size_t i = 0; i + 1 < n; i++)
		if (found[i].key.len > 0)
			ask(&limits[i], &found[i], POUR);
	return -1;
}

/* Returns the longest delay in ms. *slowest is the index of the limit with this delay. */
static int64_t find_wait(const struct limit *limits, const struct finding *found, size_t n,
			 size_t *slowest)
{
	int64_t longest = 0;

	for (size_t i = 0; i < n; i++) {
		int64_t over = found[i].excess - limits[i].delay;
		int64_t wait = over > 0 ? over * 1000 / limits[i].zone->rate : 0;

		if (wait > longest) {
			longest = wait;
			*slowest = i;
		}
	}
	return longest;
}

static void log_limit(const struct request *r, const struct limit_rules *l, const char *what,
		      int level, const struct limit *limit, int64_t excess)
{
	request_log(r, (enum log_level)level, "%s%s, excess: %lld.%03d by zone \"%.*s\"", what,
		    l->dry_run ? ", dry run" : "", (long long)(excess / WHOLE),
		    (int)(excess % WHOLE), STR_ARGS(limit->zone->name));
}

static enum phase_result reject(struct request *r, const struct limit_rules *l,
				const struct limit *limit, int64_t excess)
{
	log_limit(r, l, "limiting requests", l->log_level, limit, excess);
	return limit_reject(r, &limit_req_module, l);
}

static void go_on(struct request *r)
{
	r->on_timeout = NULL;
	r->on_readable = NULL;
	phase_run(r);
}

/*
 * While a request waits, nothing is sent to its client. So two cases look the same, because
 * both send a FIN: a client that has closed its socket, and a client that has only finished
 * sending. Both are treated as gone. Otherwise clients that leave at once could fill all slots
 * with requests that wait.
 */
static void drop_if_left(struct request *r)
{
	if (!r->client->conn->peer_done)
		return;
	request_log(r, LOG_INFO, "client left while its request was delayed");
	request_abort(r);
}

/* The log level of a delay is one level less severe than the level of a rejection. */
static enum phase_result delay(struct request *r, const struct limit_rules *l,
			       const struct limit *limit, int64_t excess, int64_t ms)
{
	limit_decide(r, &limit_req_module, l->dry_run ? "DELAYED_DRY_RUN" : "DELAYED");
	log_limit(r, l, "delaying request", l->log_level + 1, limit, excess);
	if (l->dry_run)
		return PHASE_NEXT;
	r->on_timeout = go_on;
	r->on_readable = drop_if_left;
	timer_start(&r->client->conn->timer, ms);
	drop_if_left(r); /* the FIN may have come together with the request */
	return PHASE_WAIT;
}

static enum phase_result check(struct request *r)
{
	const struct limit_rules *l = request_section(r, LEVEL_LOCATION, &limit_req_module);
	struct finding found[LIMITS_MAX];
	const struct limit *limits;
	size_t slowest = 0;
	int64_t wait;
	int full;

	/* the second call for a request: its delay is over, or it was redirected */
	if (l->limits == NULL || r != r->main || limit_is_decided(r, &limit_req_module))
		return PHASE_NEXT;
	limits = l->limits->items;
	full = find_limit(r, limits, l->limits->count, found);
	if (full >= 0)
		return reject(r, l, &limits[full], found[full].excess);
	wait = find_wait(limits, found, l->limits->count, &slowest);
	return wait > 0 ? delay(r, l, &limits[slowest], found[slowest].excess, wait) : PHASE_NEXT;
}

static bool get_status(struct request *r, const struct variable *v, struct str *value)
{
	return limit_result(r, &limit_req_module, value);
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

static const struct directive directives[] = {
    {"limit_req_zone", IN_HTTP | ARGS_2 | ARGS_3, set_zone, LEVEL_MAIN},
    LIMIT_DIRECTIVES("limit_req", ARGS_1 | ARGS_2 | ARGS_3, set_limit),
    {.name = NULL},
};

static const struct http_hooks hooks = {
    .declare = declare,
    .main_size = sizeof(struct limit_zones),
    .location_size = sizeof(struct limit_rules),
    .init_main = limit_zones_check,
    .setup_if_asked = setup,
};

struct module limit_req_module = {
    .name = "limit_req",
    .kind = MODULE_HTTP,
    .directives = directives,
    .hooks = &hooks,
    .keeps_context = true,
};
