#include "modules/cache/rules/fresh.h"

#include "base/clock.h"

enum {
	HEURISTIC_MOST = 24 * 60 * 60, /* in seconds */
	/* the lifetime is a tenth of the time since the last change (RFC 9111, 4.2.2) */
	HEURISTIC_PART = 10,
};

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static struct str value_of(const struct header_list *headers, struct str name)
{
	const struct header *h = header_find(headers, name, 0);

	return h != NULL ? str_trim(h->value) : (struct str){NULL, 0};
}

static bool has(const struct header_list *headers, struct str name)
{
	return header_find(headers, name, 0) != NULL;
}

static time_t date_of(const struct header_list *headers, struct str name)
{
	struct str value = value_of(headers, name);

	return value.data != NULL ? http_date_parse(value) : -1;
}

/* ---- the age of an answer */

/* Only the first line counts, and in a list only the first member (RFC 9111, 5.1). */
static int64_t age_value(const struct header_list *headers)
{
	struct str value = value_of(headers, STR("Age"));
	const char *comma;
	int64_t age;

	if (value.data == NULL)
		return 0;
	comma = memchr(value.data, ',', value.len);
	if (comma != NULL)
		value = str_trim(str_between(value.data, comma));
	age = seconds_parse(value);
	return age >= 0 ? age : 0;
}

/* Returns the Date of the answer. Without a Date, returns the time when the answer came. */
static int64_t date_value(const struct arrival *a)
{
	time_t date = date_of(a->headers, STR("Date"));

	return date >= 0 ? date : a->came;
}

static int64_t birth(const struct arrival *a)
{
	int64_t apparent = larger(0, a->came - date_value(a));
	int64_t corrected = age_value(a->headers) + larger(0, a->came - a->asked);

	return a->came - larger(apparent, corrected);
}

int64_t freshness_age(const struct freshness *f, int64_t now)
{
	return smaller(larger(0, now - f->born), SECONDS_MOST);
}

/* ---- the lifetime of an answer */

/* Statuses that may be stored without a directive of the server (RFC 9110, 15.1). */
static bool is_kept_by_default(int status)
{
	static const int statuses[] = {200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501};

	for (size_t i = 0; i < COUNT_OF(statuses); i++)
		if (statuses[i] == status)
			return true;
	return false;
}

/* Statuses that this cache understands. The directive must-understand requires this. */
static bool is_understood(int status)
{
	static const int others[] = {302, 303, 307, 400, 401, 403, 406, 409, 411, 412, 413,
				     415, 417, 421, 422, 429, 431, 500, 502, 503, 504, 505};

	if (is_kept_by_default(status))
		return true;
	for (size_t i = 0; i < COUNT_OF(others); i++)
		if (others[i] == status)
			return true;
	return false;
}

/* An invalid date, often "0", means that the answer is stale already (RFC 9111, 5.3). */
static int64_t lifetime_of_expires(const struct arrival *a)
{
	time_t expires = date_of(a->headers, STR("Expires"));

	return expires >= 0 ? larger(0, expires - date_value(a)) : 0;
}

static int64_t lifetime_guessed(const struct arrival *a, const struct control *c)
{
	time_t changed = date_of(a->headers, STR("Last-Modified"));

	if (changed < 0 || (!is_kept_by_default(a->status) && !(c->has & CONTROL_PUBLIC)))
		return 0;
	return smaller(larger(0, date_value(a) - changed) / HEURISTIC_PART, HEURISTIC_MOST);
}

/* Returns the lifetime in the answer, in the order of RFC 9111, 4.2.1. Returns SECONDS_ABSENT
 * when the answer contains none. */
static int64_t lifetime_said(const struct arrival *a, const struct control *c, bool targeted)
{
	if (c->s_maxage != SECONDS_ABSENT)
		return c->s_maxage;
	if (c->max_age != SECONDS_ABSENT)
		return c->max_age;
	if (!targeted && !(a->ignored & IGNORE_EXPIRES) && has(a->headers, STR("Expires")))
		return lifetime_of_expires(a);
	return SECONDS_ABSENT;
}

static int64_t end_of_freshness(const struct arrival *a, const struct control *c, bool targeted,
				int64_t born)
{
	int64_t lifetime = lifetime_said(a, c, targeted);

	if (lifetime != SECONDS_ABSENT)
		return born + lifetime;
	if (a->ruled != SECONDS_ABSENT)
		return a->came + a->ruled;
	return born + lifetime_guessed(a, c);
}

/* ---- may an answer be stored? */

/*
 * X-Accel-Expires overrides all other fields. 0 means that the answer must not be stored. A
 * number is the lifetime from now on, in seconds. "@" and a number give the time when the
 * lifetime ends.
 */
static bool read_accel(const struct arrival *a, int64_t *until)
{
	struct str value = value_of(a->headers, STR("X-Accel-Expires"));
	bool moment;
	int64_t n;

	if (value.data == NULL || (a->ignored & IGNORE_X_ACCEL_EXPIRES))
		return false;
	moment = value.len > 0 && value.data[0] == '@';
	if (moment)
		value = (struct str){value.data + 1, value.len - 1};
	n = moment ? str_to_number(value) : seconds_parse(value);
	*until = n > 0 ? (moment ? n : a->came + n) : 0;
	return n >= 0;
}

/* Reads the directives for this cache. Returns true when they come from a targeted field. Such
 * a field replaces Cache-Control and Expires. */
static bool read_control(const struct arrival *a, struct control *c)
{
	static const struct header_list none;

	for (size_t i = 0; i < a->target_count && !(a->ignored & IGNORE_CACHE_CONTROL); i++)
		if (control_read_targeted(c, a->headers, a->targets[i]))
			return true;
	control_read(c, a->ignored & IGNORE_CACHE_CONTROL ? &none : a->headers,
		     STR("Cache-Control"));
	return false;
}

static bool has_star_in_vary(const struct header_list *headers)
{
	const struct header *h;

	for (size_t n = 0; (h = header_find(headers, STR("Vary"), n)) != NULL; n++) {
		struct str list = h->value, item;

		while (str_next_item(&list, ',', &item))
			if (str_equal(item, STR("*")))
				return true;
	}
	return false;
}

/* Some answers must never be stored, whatever their directives say. For example, a 206 contains
 * only a part of an answer, and a 304 belongs to an answer that is stored already. */
static bool is_storable_at_all(const struct arrival *a)
{
	if (a->status < 200 || a->status == 206 || a->status == 304 || a->not_to_store)
		return false;
	if (!(a->ignored & IGNORE_SET_COOKIE) && has(a->headers, STR("Set-Cookie")))
		return false;
	return (a->ignored & IGNORE_VARY) || !has_star_in_vary(a->headers);
}

/* If the answer has must-understand, and this cache understands its status, no-store is ignored
 * (RFC 9111, 5.2.2.3). */
static bool is_forbidden(const struct arrival *a, const struct control *c)
{
	bool understood = is_understood(a->status);

	if (c->has & CONTROL_MUST_UNDERSTAND ? !understood : !!(c->has & CONTROL_NO_STORE))
		return true;
	if (c->has & CONTROL_PRIVATE)
		return true;
	/* a request with Authorization needs explicit permission (RFC 9111, 3.5) */
	return a->authorized && c->s_maxage == SECONDS_ABSENT &&
	       !(c->has & (CONTROL_MUST_REVALIDATE | CONTROL_PUBLIC));
}

/* An answer may be stale at once. It is still worth storing if the server can confirm it later,
 * or if it may be used when the server fails. */
static bool is_of_use(const struct arrival *a, const struct freshness *f)
{
	if (f->fresh_until > a->came && !f->validate_always)
		return true;
	if (has(a->headers, STR("ETag")) || date_of(a->headers, STR("Last-Modified")) >= 0)
		return true;
	return !f->validate_always && !f->never_stale &&
	       (f->if_error > 0 || f->while_revalidate > 0);
}

/* A status that is not stored by default needs a reason to be stored: a directive of the
 * server, or our configuration. */
static bool has_reason(const struct arrival *a, const struct control *c, bool targeted)
{
	return is_kept_by_default(a->status) || a->ruled > 0 || (c->has & CONTROL_PUBLIC) ||
	       lifetime_said(a, c, targeted) != SECONDS_ABSENT;
}

static bool storable_by_accel(const struct arrival *a, struct freshness *f, int64_t until)
{
	*f = (struct freshness){.born = birth(a), .fresh_until = until};
	return until > a->came;
}

bool storable_judge(const struct arrival *a, struct freshness *f)
{
	struct control c;
	bool targeted;
	int64_t until;

	if (!is_storable_at_all(a))
		return false;
	if (read_accel(a, &until))
		return storable_by_accel(a, f, until);
	targeted = read_control(a, &c);
	if (is_forbidden(a, &c) || !has_reason(a, &c, targeted))
		return false;
	*f = (struct freshness){
	    .born = birth(a),
	    .while_revalidate = larger(0, c.stale_while_revalidate),
	    .if_error = larger(0, c.stale_if_error),
	    .validate_always = c.has & CONTROL_NO_CACHE,
	    .never_stale = (c.has & (CONTROL_MUST_REVALIDATE | CONTROL_PROXY_REVALIDATE)) ||
			   c.s_maxage != SECONDS_ABSENT,
	};
	f->fresh_until = end_of_freshness(a, &c, targeted, f->born);
	return is_of_use(a, f);
}

/* ---- may a stored answer be used? */

void request_control(struct control *c, const struct header_list *headers)
{
	struct control pragma;

	if (control_read(c, headers, STR("Cache-Control")))
		return;
	if (control_read(&pragma, headers, STR("Pragma")))
		c->has = pragma.has & CONTROL_NO_CACHE;
}

/* Returns true when a fresh answer also satisfies the max-age and min-fresh of the client. */
static bool is_good_enough(const struct freshness *f, const struct control *request, int64_t now)
{
	if (request->max_age != SECONDS_ABSENT && freshness_age(f, now) > request->max_age)
		return false;
	return request->min_fresh == SECONDS_ABSENT || f->fresh_until - now >= request->min_fresh;
}

static enum use use_of_stale(const struct freshness *f, const struct control *request, int64_t now)
{
	int64_t over = now - f->fresh_until;

	if (f->never_stale)
		return USE_VALIDATED;
	if (request->max_stale != SECONDS_ABSENT && over <= request->max_stale)
		return USE_STALE;
	/* a client that sends max-age or min-fresh does not want a stale answer */
	if (request->max_age != SECONDS_ABSENT || request->min_fresh != SECONDS_ABSENT)
		return USE_VALIDATED;
	return over < f->while_revalidate ? USE_WHILE_UPDATING : USE_VALIDATED;
}

static enum use use_of(const struct freshness *f, const struct control *request, int64_t now)
{
	if (f->validate_always || (request->has & CONTROL_NO_CACHE))
		return USE_VALIDATED;
	if (f->fresh_until > now)
		return is_good_enough(f, request, now) ? USE_FRESH : USE_VALIDATED;
	if (request->max_age != SECONDS_ABSENT && freshness_age(f, now) > request->max_age)
		return USE_VALIDATED;
	return use_of_stale(f, request, now);
}

enum use freshness_use(const struct freshness *f, const struct control *request, int64_t now)
{
	enum use use = use_of(f, request, now);

	return use == USE_VALIDATED && (request->has & CONTROL_ONLY_IF_CACHED) ? USE_NOTHING : use;
}

bool freshness_use_on_error(const struct freshness *f, const struct control *request, int64_t now,
			    bool allowed)
{
	if (f->validate_always || f->never_stale || (request->has & CONTROL_NO_CACHE))
		return false;
	return allowed || now < f->fresh_until || now - f->fresh_until < f->if_error ||
	       now - f->fresh_until < request->stale_if_error;
}

bool is_invalidating(struct str method, int status)
{
	return !str_equal(method, STR("GET")) && !str_equal(method, STR("HEAD")) &&
	       !str_equal(method, STR("OPTIONS")) && !str_equal(method, STR("TRACE")) &&
	       status >= 200 && status < 400;
}

/* ---- header lines */

/* Fields that must not be stored: they belong to one connection or to a proxy, or each answer
 * gets a new value. */
static bool is_of_the_way(struct str name)
{
	static const struct str names[] = {
#define NAME(text) {text, sizeof(text) - 1}
	    NAME("Connection"),
	    NAME("Keep-Alive"),
	    NAME("Proxy-Connection"),
	    NAME("TE"),
	    NAME("Trailer"),
	    NAME("Transfer-Encoding"),
	    NAME("Upgrade"),
	    NAME("Proxy-Authenticate"),
	    NAME("Proxy-Authentication-Info"),
	    NAME("Proxy-Authorization"),
	    NAME("Content-Length"),
	    NAME("Age"),
	};

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (str_equal_nocase(names[i], name))
			return true;
	return false;
}

static bool is_named_in_connection(const struct header_list *headers, struct str name)
{
	const struct header *h;

	for (size_t n = 0; (h = header_find(headers, STR("Connection"), n)) != NULL; n++) {
		struct str list = h->value, item;

		while (str_next_item(&list, ',', &item))
			if (str_equal_nocase(item, name))
				return true;
	}
	return false;
}

static int keep(struct pool *p, struct header_list *to, const struct header *h)
{
	struct header *copy = header_add(p, to, h->name, h->value);

	if (copy == NULL)
		return -1;
	copy->id = h->id;
	return 0;
}

int headers_to_store(struct pool *p, const struct header_list *from, struct header_list *to)
{
	for (size_t i = 0; i < from->lines.count; i++) {
		const struct header *h = header_at(from, i);

		if (!is_of_the_way(h->name) && !is_named_in_connection(from, h->name) &&
		    keep(p, to, h) < 0)
			return -1;
	}
	return 0;
}

/* Fields that describe the stored bytes. A 304 has no body, so it must not change these
 * fields. */
static bool is_of_the_body(struct str name)
{
	return str_equal_nocase(name, STR("Content-Encoding")) ||
	       str_equal_nocase(name, STR("Content-Type")) ||
	       str_equal_nocase(name, STR("Content-Range"));
}

int headers_update(struct pool *p, const struct header_list *stored, const struct header_list *news,
		   struct header_list *to)
{
	struct header_list usable = {.lines = {.count = 0}};

	if (headers_to_store(p, news, &usable) < 0)
		return -1;
	for (size_t i = 0; i < stored->lines.count; i++) {
		const struct header *h = header_at(stored, i);

		if ((is_of_the_body(h->name) || !has(&usable, h->name)) && keep(p, to, h) < 0)
			return -1;
	}
	for (size_t i = 0; i < usable.lines.count; i++) {
		const struct header *h = header_at(&usable, i);

		if (!is_of_the_body(h->name) && keep(p, to, h) < 0)
			return -1;
	}
	return 0;
}
