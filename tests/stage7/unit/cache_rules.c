/* What a shared cache decides (RFC 9111, 5861, 9213), as tables. */
#include "base/clock.h"
#include "modules/cache/rules/fresh.h"
#include "modules/cache/rules/vary.h"

#include "unit.h"

enum { NOW = 1000000000 }; /* Sun, 09 Sep 2001 01:46:40 GMT: when the answer came */

static struct pool *pool;
static const char *row; /* of the table: for the message */

#define ROW_NUMBER(wanted, value)                                                              \
	do {                                                                                   \
		long long wanted_ = (long long)(wanted), value_ = (long long)(value);          \
		if (wanted_ != value_) {                                                       \
			printf("%s:%d: with \"%s\": %s should be %lld, but it is %lld\n",      \
			       __FILE__, __LINE__, row, #value, wanted_, value_);              \
			exit(1);                                                               \
		}                                                                              \
	} while (0)

/* "Name: value|Name: value" */
static struct header_list lines(const char *text)
{
	struct header_list list = {.lines = {.count = 0}};
	struct str all = pool_str(pool, str_from(text)), item;

	while (str_next_item(&all, '|', &item)) {
		const char *colon = memchr(item.data, ':', item.len);
		struct header *h;

		CHECK(colon != NULL);
		h = header_add(pool, &list, str_between(item.data, colon),
			       str_trim(str_between(colon + 1, item.data + item.len)));
		CHECK(h != NULL);
		h->id = header_identify(h->name);
	}
	return list;
}

/* ---- Cache-Control */

static const struct {
	const char *value;
	int max_age; /* SECONDS_ABSENT */
	uint32_t has;
} controls[] = {
    {"max-age=100", 100, 0},
    {"MAX-AGE=100", 100, 0},
    {"max-age=\"100\"", 100, 0},
    {"max-age='100'", 0, 0},
    {"max-age=0100", 100, 0},
    {"max-age=-100", 0, 0},
    {"max-age=100.5", 0, 0},
    {"max-age=100s", 0, 0},
    {"max-age=", 0, 0},
    {"max-age", 0, 0},
    {"max-age =100", 100, 0},
    {"max-age= 100", 0, 0},
    {"max-age=2147483646", SECONDS_MOST - 1, 0},
    {"max-age=2147483648", SECONDS_MOST, 0},
    {"max-age=99999999999999999999999999", SECONDS_MOST, 0},
    {"max-age=1, max-age=100", 1, 0},
    {"max-age=100, max-age=1", 100, 0},
    {"s-maxage2=3, max-age=7", 7, 0},
    {"xmax-age=100", SECONDS_ABSENT, 0},
    {"no-store", SECONDS_ABSENT, CONTROL_NO_STORE},
    {"No-Store , PRIVATE", SECONDS_ABSENT, CONTROL_NO_STORE | CONTROL_PRIVATE},
    {"no-storex, xno-store", SECONDS_ABSENT, 0},
    {"a=\"no-store\"", SECONDS_ABSENT, 0},
    {"a=\"b, no-store, max-age=5\", max-age=9", 9, 0},
    {"a=\"b\\\", no-store\", max-age=9", 9, 0},
    {"a=\"b, no-store", SECONDS_ABSENT, CONTROL_NO_STORE},
    {"no-cache=\"a, b\", private=\"c\"", SECONDS_ABSENT, CONTROL_NO_CACHE | CONTROL_PRIVATE},
    {",,, ,max-age=5,", 5, 0},
    {"public must-revalidate", SECONDS_ABSENT, 0},
    {"must-revalidate,proxy-revalidate,must-understand,public", SECONDS_ABSENT,
     CONTROL_MUST_REVALIDATE | CONTROL_PROXY_REVALIDATE | CONTROL_MUST_UNDERSTAND |
	 CONTROL_PUBLIC},
    {"only-if-cached", SECONDS_ABSENT, CONTROL_ONLY_IF_CACHED},
    {"", SECONDS_ABSENT, 0},
};

static void control(void)
{
	for (size_t i = 0; i < COUNT_OF(controls); i++) {
		struct header_list list = {.lines = {.count = 0}};
		struct control c;

		row = controls[i].value;
		header_add(pool, &list, STR("cache-control"), str_from(row));
		CHECK(control_read(&c, &list, STR("Cache-Control")));
		ROW_NUMBER(controls[i].max_age, c.max_age);
		ROW_NUMBER(controls[i].has, c.has);
	}
}

static void control_of_requests(void)
{
	struct control c;
	struct header_list list = lines("Cache-Control: max-stale|Cache-Control: min-fresh=x");

	CHECK(control_read(&c, &list, STR("Cache-Control")));
	CHECK_NUMBER(SECONDS_MOST, c.max_stale);
	CHECK_NUMBER(SECONDS_MOST, c.min_fresh);
	CHECK_NUMBER(SECONDS_ABSENT, c.max_age);
	list = lines("Pragma: no-cache");
	request_control(&c, &list);
	CHECK_NUMBER(CONTROL_NO_CACHE, c.has);
	list = lines("Pragma: no-cache|Cache-Control: max-age=5");
	request_control(&c, &list);
	CHECK_NUMBER(0, c.has);
}

/* RFC 9213: max-age, bits; -2: the field does not count */
static const struct {
	const char *value;
	int max_age;
	uint32_t has;
} targeted[] = {
    {"max-age=100", 100, 0},
    {"max-age=100, no-store", 100, CONTROL_NO_STORE},
    {"no-store=?0", SECONDS_ABSENT, 0},
    {"no-store;a=b;c, max-age=3;x=\"y\"", 3, CONTROL_NO_STORE},
    {"max-age=1, max-age=100", 100, 0},
    {"max-age=\"100\"", SECONDS_ABSENT, 0},
    {"max-age=1.5", SECONDS_ABSENT, 0},
    {"max-age=-1", SECONDS_ABSENT, 0},
    {"max-age", SECONDS_ABSENT, 0},
    {"max-age=100,", -2, 0},
    {"max-age=100 no-store", -2, 0},
    {"MAX-AGE=100", -2, 0},
    {"max-age =100", -2, 0},
    {"max-age= 100", -2, 0},
    {",max-age=100", -2, 0},
    {"a=\"b", -2, 0},
    {"a=\"b\\n\"", -2, 0},
    {"a=(1 2 \"x\");q, max-age=4", 4, 0},
    {"a=(1", -2, 0},
    {"a=:YWJj:, max-age=4", 4, 0},
    {"a=:YWJj, max-age=4", -2, 0},
    {"private=\"a\"", SECONDS_ABSENT, CONTROL_PRIVATE},
    {"", -2, 0},
    {"&&&&&", -2, 0},
};

static void targeted_fields(void)
{
	for (size_t i = 0; i < COUNT_OF(targeted); i++) {
		struct header_list list = {.lines = {.count = 0}};
		struct control c;
		bool counts;

		row = targeted[i].value;
		header_add(pool, &list, STR("CDN-Cache-Control"), str_from(row));
		counts = control_read_targeted(&c, &list, STR("cdn-cache-control"));
		ROW_NUMBER(targeted[i].max_age != -2, counts);
		if (!counts)
			continue;
		ROW_NUMBER(targeted[i].max_age, c.max_age);
		ROW_NUMBER(targeted[i].has, c.has);
	}
}

/* ---- may it be stored, and for how long is it fresh? */

enum { NOT = -1 };

enum { AUTHORIZED = 1 << 16, NOT_TO_STORE = 1 << 17 };

#define DATE_NOW  "Date: Sun, 09 Sep 2001 01:46:40 GMT|"
#define DATE_THEN "Date: Sun, 09 Sep 2001 01:45:00 GMT|" /* 100 s before */

static const struct {
	const char *headers;
	int status;
	uint32_t how; /* IGNORE_*, AUTHORIZED, NOT_TO_STORE */
	int ruled;
	int fresh; /* seconds from now on, or NOT */
} arrivals[] = {
    /* a lifetime that is told */
    {DATE_NOW "Cache-Control: max-age=60", 200, 0, -1, 60},
    {"Cache-Control: max-age=60", 200, 0, -1, 60},
    {DATE_NOW "Cache-Control: max-age=60, s-maxage=90", 200, 0, -1, 90},
    {DATE_NOW "Cache-Control: s-maxage=0, max-age=60", 200, 0, -1, NOT},
    {DATE_NOW "Cache-Control: max-age=0|ETag: \"a\"", 200, 0, -1, 0},
    {DATE_NOW "Cache-Control: max-age=0", 200, 0, -1, NOT},
    {DATE_NOW "Cache-Control: max-age=0, stale-if-error=9", 200, 0, -1, 0},
    {DATE_NOW "Cache-Control: max-age=0, stale-while-revalidate=9", 200, 0, -1, 0},
    {DATE_NOW "Cache-Control: max-age=0, stale-if-error=9, must-revalidate", 200, 0, -1, NOT},
    {DATE_NOW "Expires: Sun, 09 Sep 2001 01:47:40 GMT", 200, 0, -1, 60},
    {DATE_THEN "Expires: Sun, 09 Sep 2001 01:47:40 GMT", 200, 0, -1, 60},
    {"Expires: Sun, 09 Sep 2001 01:47:40 GMT", 200, 0, -1, 60},
    {DATE_NOW "Expires: Sunday, 09-Sep-01 01:47:40 GMT", 200, 0, -1, 60},
    {DATE_NOW "Expires: Sun Sep  9 01:47:40 2001", 200, 0, -1, 60},
    {DATE_NOW "Expires: 0", 200, 0, -1, NOT},
    {DATE_NOW "Expires: -1", 200, 0, -1, NOT},
    {DATE_NOW "Expires: Sun, 09 Sep 2001 01:46:40 GMT", 200, 0, -1, NOT},
    {DATE_NOW "Expires: Sun, 09 Sep 2001 01:47:40 GMT|Cache-Control: max-age=5", 200, 0, -1, 5},
    {DATE_NOW "Expires: 0|Cache-Control: max-age=5", 200, 0, -1, 5},
    {DATE_NOW "Expires: 0|Expires: Sun, 09 Sep 2001 01:47:40 GMT", 200, 0, -1, NOT},
    {DATE_NOW "Cache-Control: public|Expires: Sun, 09 Sep 2001 01:47:40 GMT", 200, 0, -1, 60},
    /* how old it is when it comes */
    {DATE_NOW "Age: 20|Cache-Control: max-age=60", 200, 0, -1, 40},
    {DATE_NOW "Age: 60|Cache-Control: max-age=60", 200, 0, -1, NOT},
    {DATE_NOW "Age: 60|Cache-Control: max-age=60|ETag: \"a\"", 200, 0, -1, 0},
    {DATE_NOW "Age: 20|Age: 70|Cache-Control: max-age=60", 200, 0, -1, 40},
    {DATE_NOW "Age: 20, 70|Cache-Control: max-age=60", 200, 0, -1, 40},
    {DATE_NOW "Age: 0020|Cache-Control: max-age=60", 200, 0, -1, 40},
    {DATE_NOW "Age: -20|Cache-Control: max-age=60", 200, 0, -1, 60},
    {DATE_NOW "Age: abc|Cache-Control: max-age=60", 200, 0, -1, 60},
    {DATE_NOW "Age: 99999999999|Cache-Control: max-age=60", 200, 0, -1, NOT},
    {DATE_THEN "Cache-Control: max-age=160", 200, 0, -1, 60},
    {DATE_THEN "Cache-Control: max-age=160|Age: 30", 200, 0, -1, 60},
    {DATE_THEN "Cache-Control: max-age=160|Age: 130", 200, 0, -1, 30},
    {"Date: Sun, 09 Sep 2001 01:50:00 GMT|Cache-Control: max-age=60", 200, 0, -1, 60},
    /* what the configuration says, and what goes before it */
    {DATE_NOW, 200, 0, 30, 30},
    {DATE_THEN "Age: 500", 200, 0, 30, 30},
    {DATE_NOW "Cache-Control: max-age=60", 200, 0, 30, 60},
    {DATE_NOW "Cache-Control: no-store", 200, 0, 30, NOT},
    {DATE_NOW "Expires: 0", 200, 0, 30, NOT},
    {DATE_NOW "Expires: 0|Cache-Control: max-age=0", 200, IGNORE_EXPIRES | IGNORE_CACHE_CONTROL,
     30, 30},
    {DATE_NOW, 503, 0, 30, 30},
    {DATE_NOW, 200, 0, 0, NOT},
    {DATE_NOW "X-Accel-Expires: 7|Cache-Control: no-store", 200, 0, 30, 7},
    {DATE_NOW "X-Accel-Expires: 0|Cache-Control: max-age=60", 200, 0, 30, NOT},
    {DATE_NOW "X-Accel-Expires: @1000000009", 200, 0, 30, 9},
    {DATE_NOW "X-Accel-Expires: @9", 200, 0, 30, NOT},
    {DATE_NOW "X-Accel-Expires: soon|Cache-Control: max-age=60", 200, 0, -1, 60},
    {DATE_NOW "X-Accel-Expires: 0|Cache-Control: max-age=60", 200, IGNORE_X_ACCEL_EXPIRES, -1,
     60},
    /* a guess: a tenth of the time since the change, at most a day */
    {DATE_NOW "Last-Modified: Sun, 09 Sep 2001 01:30:00 GMT", 200, 0, -1, 100},
    {DATE_NOW "Last-Modified: Sun, 09 Sep 1990 01:30:00 GMT", 200, 0, -1, 86400},
    {DATE_NOW "Last-Modified: Sun, 09 Sep 2001 01:30:00 GMT", 404, 0, -1, 100},
    {DATE_NOW "Last-Modified: Sun, 09 Sep 2001 01:30:00 GMT", 201, 0, -1, NOT},
    {DATE_NOW "Last-Modified: Sun, 09 Sep 2001 01:30:00 GMT|Cache-Control: public", 201, 0, -1,
     100},
    {DATE_NOW "Last-Modified: Mon, 10 Sep 2001 01:30:00 GMT", 200, 0, -1, 0},
    {DATE_NOW "Last-Modified: Sun, 09 Sep 2001 01:30:00 GMT|Cache-Control: max-age=5", 200, 0,
     -1, 5},
    {DATE_NOW, 200, 0, -1, NOT},
    {DATE_NOW "ETag: \"a\"", 200, 0, -1, 0},
    {DATE_NOW "ETag: \"a\"", 302, 0, -1, NOT},
    /* what is forbidden */
    {DATE_NOW "Cache-Control: max-age=60, no-store", 200, 0, -1, NOT},
    {DATE_NOW "Cache-Control: max-age=60|Cache-Control: no-store", 200, 0, -1, NOT},
    {DATE_NOW "Cache-Control: max-age=60, private", 200, 0, -1, NOT},
    {DATE_NOW "Cache-Control: s-maxage=60, private=\"x\"", 200, 0, -1, NOT},
    {DATE_NOW "Cache-Control: max-age=60, no-store, must-understand", 200, 0, -1, 60},
    {DATE_NOW "Cache-Control: max-age=60, no-store, must-understand", 499, 0, -1, NOT},
    {DATE_NOW "Cache-Control: max-age=60, must-understand", 299, 0, -1, NOT},
    {DATE_NOW "Cache-Control: max-age=60, no-cache|ETag: \"a\"", 200, 0, -1, 60},
    {DATE_NOW "Cache-Control: max-age=60, no-cache", 200, 0, -1, NOT},
    {DATE_NOW "Cache-Control: max-age=60", 200, NOT_TO_STORE, -1, NOT},
    {DATE_NOW "Cache-Control: max-age=60", 200, AUTHORIZED, -1, NOT},
    {DATE_NOW "Cache-Control: max-age=60", 200, AUTHORIZED, 30, NOT},
    {DATE_NOW "Cache-Control: max-age=60, public", 200, AUTHORIZED, -1, 60},
    {DATE_NOW "Cache-Control: max-age=60, must-revalidate", 200, AUTHORIZED, -1, 60},
    {DATE_NOW "Cache-Control: max-age=60, proxy-revalidate", 200, AUTHORIZED, -1, NOT},
    {DATE_NOW "Cache-Control: s-maxage=60", 200, AUTHORIZED, -1, 60},
    {DATE_NOW "Cache-Control: max-age=60|Set-Cookie: a=b", 200, 0, -1, NOT},
    {DATE_NOW "Cache-Control: max-age=60|Set-Cookie: a=b", 200, IGNORE_SET_COOKIE, -1, 60},
    {DATE_NOW "Cache-Control: max-age=60|Vary: *", 200, 0, -1, NOT},
    {DATE_NOW "Cache-Control: max-age=60|Vary: Accept, *", 200, 0, -1, NOT},
    {DATE_NOW "Cache-Control: max-age=60|Vary: *", 200, IGNORE_VARY, -1, 60},
    {DATE_NOW "Cache-Control: max-age=60|Vary: Accept", 200, 0, -1, 60},
    /* statuses */
    {DATE_NOW "Cache-Control: max-age=60", 206, 0, -1, NOT},
    {DATE_NOW "Cache-Control: max-age=60", 206, 0, 30, NOT},
    {DATE_NOW "Cache-Control: max-age=60", 304, 0, -1, NOT},
    {DATE_NOW "Cache-Control: max-age=60", 101, 0, -1, NOT},
    {DATE_NOW "Cache-Control: max-age=60", 302, 0, -1, 60},
    {DATE_NOW "Cache-Control: max-age=60", 404, 0, -1, 60},
    {DATE_NOW "Cache-Control: max-age=60", 500, 0, -1, 60},
    {DATE_NOW "Cache-Control: max-age=60", 299, 0, -1, 60},
    {DATE_NOW "Cache-Control: max-age=60", 599, 0, -1, 60},
    /* targeted */
    {DATE_NOW "CDN-Cache-Control: max-age=60|Cache-Control: no-store|Expires: 0", 200, 0, -1,
     60},
    {DATE_NOW "CDN-Cache-Control: no-store|Cache-Control: max-age=60", 200, 0, -1, NOT},
    {DATE_NOW "CDN-Cache-Control: max-age=60,|Cache-Control: max-age=5", 200, 0, -1, 5},
    {DATE_NOW "CDN-Cache-Control: |Cache-Control: max-age=5", 200, 0, -1, 5},
    {DATE_NOW "Our-Cache-Control: max-age=7|CDN-Cache-Control: max-age=60", 200, 0, -1, 7},
    {DATE_NOW "CDN-Cache-Control: no-cache|Cache-Control: max-age=60|Expires: 0|ETag: \"a\"",
     200, 0, 30, 30},
};

static void storable(void)
{
	static const struct str targets[] = {{"Our-Cache-Control", 17},
					     {"CDN-Cache-Control", 17}};

	for (size_t i = 0; i < COUNT_OF(arrivals); i++) {
		struct header_list list = lines(arrivals[i].headers);
		struct freshness f = {.fresh_until = 0};
		int64_t fresh;
		struct arrival a = {
		    .status = arrivals[i].status,
		    .headers = &list,
		    .targets = targets,
		    .target_count = COUNT_OF(targets),
		    .ignored = arrivals[i].how,
		    .asked = NOW,
		    .came = NOW,
		    .ruled = arrivals[i].ruled,
		    .authorized = arrivals[i].how & AUTHORIZED,
		    .not_to_store = arrivals[i].how & NOT_TO_STORE,
		};

		row = arrivals[i].headers;
		fresh = storable_judge(&a, &f) ? f.fresh_until - NOW : NOT;
		ROW_NUMBER(arrivals[i].fresh, fresh > NOT && fresh < 0 ? 0 : fresh);
	}
}

/* A slow way counts as age, once. */
static void slow_way(void)
{
	struct header_list list = lines(DATE_NOW "Cache-Control: max-age=60|Age: 5");
	struct arrival a = {200, &list, NULL, 0, 0, NOW - 10, NOW, -1, false, false};
	struct freshness f;

	CHECK(storable_judge(&a, &f));
	CHECK_NUMBER(45, f.fresh_until - NOW);
	CHECK_NUMBER(15, freshness_age(&f, NOW));
	CHECK_NUMBER(17, freshness_age(&f, NOW + 2));
	CHECK_NUMBER(0, freshness_age(&f, NOW - 1000)); /* the clock was set back */
}

/* ---- what is done with a stored one: came at NOW with max-age=100, asked for at NOW + after
 */

static const struct {
	const char *answer;
	const char *request;
	int after;
	enum use use;
	bool on_error, on_error_allowed;
} uses[] = {
    {"", "", 0, USE_FRESH, true, true},
    {"", "", 99, USE_FRESH, true, true},
    {"", "", 100, USE_VALIDATED, false, true},
    {"no-cache", "", 1, USE_VALIDATED, false, false},
    {"no-cache, stale-if-error=50", "", 1, USE_VALIDATED, false, false},
    {"must-revalidate", "", 99, USE_FRESH, false, false},
    {"must-revalidate", "", 100, USE_VALIDATED, false, false},
    {"proxy-revalidate", "", 100, USE_VALIDATED, false, false},
    {"s-maxage=100", "", 100, USE_VALIDATED, false, false},
    {"s-maxage=100, stale-if-error=50", "", 100, USE_VALIDATED, false, false},
    {"stale-while-revalidate=50", "", 99, USE_FRESH, true, true},
    {"stale-while-revalidate=50", "", 100, USE_WHILE_UPDATING, false, true},
    {"stale-while-revalidate=50", "", 149, USE_WHILE_UPDATING, false, true},
    {"stale-while-revalidate=50", "", 150, USE_VALIDATED, false, true},
    {"stale-while-revalidate=50, must-revalidate", "", 120, USE_VALIDATED, false, false},
    {"stale-if-error=50", "", 149, USE_VALIDATED, true, true},
    {"stale-if-error=50", "", 150, USE_VALIDATED, false, true},
    {"", "stale-if-error=50", 149, USE_VALIDATED, true, true},
    {"", "stale-if-error=50", 150, USE_VALIDATED, false, true},
    {"", "no-cache", 1, USE_VALIDATED, false, false},
    {"", "max-age=0", 1, USE_VALIDATED, true, true},
    {"", "max-age=10", 10, USE_FRESH, true, true},
    {"", "max-age=10", 11, USE_VALIDATED, true, true},
    {"", "max-age=1000", 100, USE_VALIDATED, false, true},
    {"", "min-fresh=10", 90, USE_FRESH, true, true},
    {"", "min-fresh=10", 91, USE_VALIDATED, true, true},
    {"", "max-stale=10", 110, USE_STALE, false, true},
    {"", "max-stale=10", 111, USE_VALIDATED, false, true},
    {"", "max-stale", 100000, USE_STALE, false, true},
    {"", "max-stale, max-age=50", 51, USE_VALIDATED, true, true},
    {"", "max-stale, max-age=5000", 200, USE_STALE, false, true},
    {"must-revalidate", "max-stale", 101, USE_VALIDATED, false, false},
    {"s-maxage=100", "max-stale", 101, USE_VALIDATED, false, false},
    {"no-cache", "max-stale", 1, USE_VALIDATED, false, false},
    {"stale-while-revalidate=50", "max-age=1000", 110, USE_VALIDATED, false, true},
    {"", "only-if-cached", 1, USE_FRESH, true, true},
    {"", "only-if-cached", 100, USE_NOTHING, false, true},
    {"", "only-if-cached, max-stale", 100, USE_STALE, false, true},
    {"", "no-store", 1, USE_FRESH, true, true},
    {"", "no-cache, only-if-cached", 1, USE_NOTHING, false, false},
};

static void usable(void)
{
	for (size_t i = 0; i < COUNT_OF(uses); i++) {
		struct header_list answer = {.lines = {.count = 0}}, request = answer;
		struct arrival a = {200, &answer, NULL, 0, 0, NOW, NOW, -1, false, false};
		struct freshness f;
		struct control c;

		row = uses[i].answer;
		header_add(pool, &answer, STR("Cache-Control"),
			   pool_print(pool, "max-age=100, %s", uses[i].answer));
		header_add(pool, &answer, STR("ETag"), STR("\"a\""));
		header_add(pool, &request, STR("Cache-Control"), str_from(uses[i].request));
		CHECK(storable_judge(&a, &f));
		request_control(&c, &request);
		if (uses[i].request[0] != '\0')
			row = uses[i].request;
		ROW_NUMBER(uses[i].use, freshness_use(&f, &c, NOW + uses[i].after));
		ROW_NUMBER(uses[i].on_error,
			   freshness_use_on_error(&f, &c, NOW + uses[i].after, false));
		ROW_NUMBER(uses[i].on_error_allowed,
			   freshness_use_on_error(&f, &c, NOW + uses[i].after, true));
	}
}

static void invalidation(void)
{
	static const struct {
		const char *method;
		int status;
		bool invalidates;
	} table[] = {
	    {"GET", 200, false},     {"HEAD", 200, false}, {"OPTIONS", 200, false},
	    {"TRACE", 200, false},   {"POST", 200, true},  {"PUT", 204, true},
	    {"DELETE", 302, true},   {"POST", 400, false}, {"POST", 500, false},
	    {"M-SEARCH", 200, true}, {"POST", 199, false}, {"get", 200, true},
	};

	for (size_t i = 0; i < COUNT_OF(table); i++) {
		row = table[i].method;
		ROW_NUMBER(table[i].invalidates,
			   is_invalidating(str_from(row), table[i].status));
	}
}

/* ---- header lines */

static struct str text_of(const struct header_list *list)
{
	struct str text = STR("");

	for (size_t i = 0; i < list->lines.count; i++)
		text = pool_print(pool, "%.*s%s%.*s: %.*s", STR_ARGS(text), i > 0 ? "|" : "",
				  STR_ARGS(header_at(list, i)->name),
				  STR_ARGS(header_at(list, i)->value));
	return text;
}

static void stored_lines(void)
{
	struct header_list
	    from = lines("A: 1|Connection: close, b|B: 2|Keep-Alive: 3|TE: x|"
			 "transfer-encoding: chunked|Content-Length: 5|Age: 6|"
			 "Proxy-Authenticate: x|Upgrade: h2c|A: 7|Set-Cookie: c|Trailer: t"),
	    to = {.lines = {.count = 0}};

	CHECK_NUMBER(0, headers_to_store(pool, &from, &to));
	CHECK_STR("A: 1|A: 7|Set-Cookie: c", text_of(&to));
}

static void updated_lines(void)
{
	static const struct {
		const char *stored, *news, *wanted;
	} table[] = {
	    {"A: 1|B: 2", "B: 3", "A: 1|B: 3"},
	    {"A: 1|B: 2|B: 3", "b: 4", "A: 1|b: 4"},
	    {"A: 1", "C: 1|C: 2", "A: 1|C: 1|C: 2"},
	    {"Content-Type: a|Content-Encoding: gzip|ETag: \"1\"",
	     "Content-Type: b|Content-Encoding: br|Content-Length: 0|ETag: \"1\"",
	     "Content-Type: a|Content-Encoding: gzip|ETag: \"1\""},
	    {"A: 1", "Connection: a|A: 2|Age: 7", "A: 1"},
	    {"A: 1", "Content-Range: x|Transfer-Encoding: chunked", "A: 1"},
	    {"", "A: 1", "A: 1"},
	};

	for (size_t i = 0; i < COUNT_OF(table); i++) {
		struct header_list stored = lines(table[i].stored), news = lines(table[i].news),
				   to = {.lines = {.count = 0}};

		row = table[i].news;
		CHECK_NUMBER(0, headers_update(pool, &stored, &news, &to));
		CHECK_STR(table[i].wanted, text_of(&to));
	}
}

/* ---- Vary */

static void variants(void)
{
	static const struct {
		const char *vary, *one, *other;
		bool same;
	} table[] = {
	    {"a", "a: 1", "a: 1", true},
	    {"a", "a: 1", "A: 1", true},
	    {"a", "a: 1", "a: 2", false},
	    {"a", "a: 1", "", false},
	    {"a", "a:", "", false},
	    {"a", "", "", true},
	    {"a", "a: x", "a: X", false},
	    {"a", "a: 1|a: 2", "a: 1, 2", true},
	    {"a", "a: 1|a: 2", "a: 2|a: 1", false},
	    {"a", "b: 1", "b: 2", true},
	    {"a,b", "a: 1|b: 2", "b: 2|a: 1", true},
	    {"a,b", "a: 1", "b: 1", false},
	    {"accept-language", "Accept-Language: en, de", "Accept-Language: EN,DE", true},
	    {"accept-language", "Accept-Language: en, de", "Accept-Language: de, en", false},
	    {"accept-language", "Accept-Language: en;q=0.5", "Accept-Language: en ; q=0.5",
	     true},
	    {"accept-language", "Accept-Language: en|Accept-Language: de",
	     "Accept-Language: en, de", true},
	    {"accept-encoding", "Accept-Encoding: gzip, br", "Accept-Encoding: br,gzip", true},
	    {"accept-encoding", "Accept-Encoding: gzip", "Accept-Encoding: gzip;q=0", false},
	    {"accept", "Accept: text/html , */*", "Accept: text/html,*/*", true},
	    {"user-agent", "User-Agent: a b", "User-Agent: a  b", false},
	};

	for (size_t i = 0; i < COUNT_OF(table); i++) {
		struct header_list one = lines(table[i].one), other = lines(table[i].other);
		unsigned char a[MD5_SIZE], b[MD5_SIZE];

		row = table[i].one;
		CHECK_NUMBER(0, vary_variant(pool, &one, str_from(table[i].vary), a));
		CHECK_NUMBER(0, vary_variant(pool, &other, str_from(table[i].vary), b));
		ROW_NUMBER(table[i].same, memcmp(a, b, MD5_SIZE) == 0);
	}
}

static void names(void)
{
	struct header_list list = lines("Vary: Accept , X-A|B: 1|vary: c");
	struct header_list none = lines("A: 1"), long_one = none;

	CHECK_STR("accept,x-a,c", vary_names(pool, &list));
	CHECK_STR("", vary_names(pool, &none));
	header_add(pool, &long_one, STR("Vary"), pool_print(pool, "%0*d", VARY_MOST + 1, 1));
	CHECK(vary_names(pool, &long_one).data == NULL);
}

static void digests(void)
{
	static const struct {
		const char *text, *digest;
	} table[] = {
	    {"", "d41d8cd98f00b204e9800998ecf8427e"},
	    {"a", "0cc175b9c0f1b6a831c399e269772661"},
	    {"abc", "900150983cd24fb0d6963f7d28e17f72"},
	    {"message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
	    {"12345678901234567890123456789012345678901234567890123456789012345678901234567890",
	     "57edf4a22be3c955ac49da2e2107b67a"},
	    {"1234567890123456789012345678901234567890123456789012345",
	     "c9ccf168914a1bcfc3229f1948e67da0"},
	    {"12345678901234567890123456789012345678901234567890123456",
	     "49f193adce178490e34d1b3a4ec0064c"},
	};

	for (size_t i = 0; i < COUNT_OF(table); i++)
		for (size_t cut = 0; cut <= strlen(table[i].text); cut++) {
			struct str text = str_from(table[i].text);
			unsigned char digest[MD5_SIZE];
			char hex[2 * MD5_SIZE + 1];
			struct md5 m;

			md5_init(&m);
			md5_add(&m, (struct str){text.data, cut});
			md5_add(&m, (struct str){text.data + cut, text.len - cut});
			md5_end(&m, digest);
			for (int k = 0; k < MD5_SIZE; k++)
				sprintf(hex + 2 * k, "%02x", digest[k]);
			CHECK_STR(table[i].digest, str_from(hex));
		}
}

int main(void)
{
	clock_update();
	pool = pool_create(POOL_BLOCK);
	CHECK(pool != NULL);
	digests();
	control();
	control_of_requests();
	targeted_fields();
	storable();
	slow_way();
	usable();
	invalidation();
	stored_lines();
	updated_lines();
	variants();
	names();
	pool_destroy(pool);
	pool_release_kept();
	return 0;
}
