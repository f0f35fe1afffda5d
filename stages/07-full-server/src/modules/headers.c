/*
 * headers: adds header lines from the configuration to responses.
 *
 *     add_header X-Frame-Options DENY always;
 *     add_trailer X-Checksum $sum;
 *     expires 30d;
 *
 * Lines without `always` are added only to successful responses and redirects. A block that
 * contains lines of one directive does not inherit lines of this directive.
 */
#include "base/clock.h"
#include "http/request/filter.h"
#include "http/request/value.h"
#include "http/site/core.h"

extern struct module headers_module;

enum expires_kind {
	EXPIRES_OFF,
	EXPIRES_EPOCH,
	EXPIRES_MAX,
	EXPIRES_ACCESS,   /* seconds from now */
	EXPIRES_MODIFIED, /* seconds from the last modification */
	EXPIRES_DAILY,    /* seconds after midnight, local time */
};

struct expires {
	enum expires_kind kind;
	int64_t seconds;
};

struct line {
	struct str name;
	struct template *value;
	bool always;
};

struct headers_location {
	struct pool_list *headers, *trailers; /* struct line */
	struct expires *expires;              /* NULL means off */
};

static int set_line(struct conf *cf, const struct directive *d, void *section)
{
	struct line *line = conf_list_add(cf, d, section, sizeof(*line));

	if (line == NULL)
		return -1;
	line->name = cf->args[1];
	line->value = template_compile(cf, cf->args[2]);
	line->always = cf->arg_count == 4;
	if (line->always && !str_equal(cf->args[3], STR("always")))
		return conf_bad_value(cf, cf->args[3]);
	return line->value != NULL ? 0 : -1;
}

static int set_expires_time(struct conf *cf, struct expires *e, struct str text)
{
	bool negative = str_starts(text, STR("-"));

	if (str_starts(text, STR("@")))
		e->kind = EXPIRES_DAILY;
	if (negative || str_starts(text, STR("+")) || e->kind == EXPIRES_DAILY)
		text = (struct str){text.data + 1, text.len - 1};
	if (!parse_seconds(text, &e->seconds) || (e->kind == EXPIRES_DAILY && e->seconds > 86400))
		return conf_bad_value(cf, cf->args[cf->arg_count - 1]);
	if (negative)
		e->seconds = -e->seconds;
	return 0;
}

static int set_expires(struct conf *cf, const struct directive *d, void *section)
{
	struct headers_location *l = section;
	struct expires *e = pool_zalloc(cf->pool, sizeof(*e));
	bool modified = cf->arg_count == 3;

	if (l->expires != NULL)
		return conf_duplicate(cf);
	if (e == NULL)
		return conf_no_memory(cf);
	if (modified && !str_equal(cf->args[1], STR("modified")))
		return conf_bad_value(cf, cf->args[1]);
	l->expires = e;
	e->kind = modified                               ? EXPIRES_MODIFIED
		  : str_equal(cf->args[1], STR("off"))   ? EXPIRES_OFF
		  : str_equal(cf->args[1], STR("epoch")) ? EXPIRES_EPOCH
		  : str_equal(cf->args[1], STR("max"))   ? EXPIRES_MAX
							 : EXPIRES_ACCESS;
	if (e->kind < EXPIRES_ACCESS)
		return 0;
	return set_expires_time(cf, e, cf->args[cf->arg_count - 1]);
}

static bool is_good_status(int status)
{
	switch (status) {
	case 200:
	case 201:
	case 204:
	case 206:
	case 301:
	case 302:
	case 303:
	case 304:
	case 307:
	case 308:
		return true;
	default:
		return false;
	}
}

/* A line break in a value would begin another header line. */
static bool is_one_line(struct str s)
{
	return memchr(s.data, '\r', s.len) == NULL && memchr(s.data, '\n', s.len) == NULL;
}

static bool is_wanted(const struct request *r, const struct line *line)
{
	return line->always || is_good_status(r->out.status);
}

/*
 * ETag and Last-Modified are members of the response, because other code uses them, for example
 * If-Range. So the new value replaces the member. An empty value removes the line.
 */
static bool replace_member(struct request *r, struct str name, struct str value)
{
	if (str_equal_nocase(name, STR("ETag"))) {
		r->out.etag = value;
	} else if (str_equal_nocase(name, STR("Last-Modified"))) {
		time_t when = value.len > 0 ? http_date_parse(value) : TIME_UNKNOWN;

		r->out.last_modified = TIME_UNKNOWN;
		header_remove(&r->out.headers, name);
		if (when != TIME_UNKNOWN)
			response_set_modified(&r->out, when);
		else if (value.len > 0)
			return false; /* not a date, so it is added like any other line */
	} else {
		return false;
	}
	response_touch(&r->out);
	return true;
}

static int add_line(struct request *r, struct header_list *list, const struct line *line)
{
	struct str value;

	if (!is_wanted(r, line))
		return 0;
	if (template_eval(r, line->value, &value) < 0)
		return -1;
	if (!is_one_line(value))
		return 0;
	if (list == &r->out.headers && replace_member(r, line->name, value))
		return 0;
	if (value.len == 0)
		return 0;
	return header_add(r->pool, list, line->name, value) != NULL ? 0 : -1;
}

static int add_lines(struct request *r, struct header_list *list, const struct pool_list *lines)
{
	for (size_t i = 0; lines != NULL && i < lines->count; i++)
		if (add_line(r, list, &((struct line *)lines->items)[i]) < 0)
			return -1;
	return 0;
}

/* Returns true when the response may have trailers. Their values are not known yet. A trailer
 * that is empty at the end of the body is left out. */
static bool has_wanted(const struct request *r, const struct pool_list *lines)
{
	for (size_t i = 0; lines != NULL && i < lines->count; i++)
		if (is_wanted(r, &((struct line *)lines->items)[i]))
			return true;
	return false;
}

static int64_t seconds_until(int64_t of_day)
{
	struct tm tm;
	int64_t wait;

	localtime_r(&now.second, &tm);
	wait = of_day - (tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec);
	return wait > 0 ? wait : wait + 86400;
}

static int put_expires(struct request *r, time_t when, struct str cache_control)
{
	char *date = pool_bytes(r->pool, HTTP_DATE_LEN);

	if (date == NULL || cache_control.data == NULL)
		return -1;
	put_http_date(date, when);
	header_remove(&r->out.headers, STR("Expires"));
	header_remove(&r->out.headers, STR("Cache-Control"));
	if (header_add(r->pool, &r->out.headers, STR("Expires"),
		       (struct str){date, HTTP_DATE_LEN}) == NULL ||
	    header_add(r->pool, &r->out.headers, STR("Cache-Control"), cache_control) == NULL)
		return -1;
	return 0;
}

static int add_expires(struct request *r, const struct expires *e)
{
	int64_t seconds = e->seconds;

	switch (e->kind) {
	case EXPIRES_OFF:
		return 0;
	case EXPIRES_EPOCH:
		return put_expires(r, 1, STR("no-cache"));
	case EXPIRES_MAX:
		return put_expires(r, 2145916555, STR("max-age=315360000"));
	case EXPIRES_DAILY:
		seconds = seconds_until(e->seconds);
		break;
	case EXPIRES_MODIFIED:
		/* without a last modification, the time counts from now */
		if (r->out.last_modified != TIME_UNKNOWN)
			seconds += r->out.last_modified - now.second;
		break;
	case EXPIRES_ACCESS:
		break;
	}
	return put_expires(r, now.second + seconds,
			   seconds < 0 ? STR("no-cache")
				       : pool_print(r->pool, "max-age=%lld", (long long)seconds));
}

static enum send_result head(const struct filter *const *self, struct request *r)
{
	const struct headers_location *l = request_section(r, LEVEL_LOCATION, &headers_module);

	if (r != r->main)
		return filter_head_next(self, r);
	if (l->expires != NULL && is_good_status(r->out.status) && add_expires(r, l->expires) < 0)
		return SEND_ERROR;
	if (add_lines(r, &r->out.headers, l->headers) < 0)
		return SEND_ERROR;
	r->out.has_trailers = has_wanted(r, l->trailers);
	return filter_head_next(self, r);
}

/* The trailers are evaluated when the whole body has passed this filter. */
static enum send_result body(const struct filter *const *self, struct request *r, struct chain *in)
{
	const struct headers_location *l = request_section(r, LEVEL_LOCATION, &headers_module);

	if (l->trailers != NULL && r == r->main)
		for (struct chain *link = in; link != NULL; link = link->next)
			if (link->buf->last_buf && add_lines(r, &r->out.trailers, l->trailers) < 0)
				return SEND_ERROR;
	return filter_body_next(self, r, in);
}

const struct filter headers_filter = {"headers", head, body, &headers_module};

#define IN_ANY (IN_HTTP_ALL | IN_LOCATION_IF)

static const struct directive directives[] = {
    {"add_header", IN_ANY | ARGS_2 | ARGS_3, set_line, LEVEL_LOCATION,
     SETTING(struct headers_location, headers, 0)},
    {"add_trailer", IN_ANY | ARGS_2 | ARGS_3, set_line, LEVEL_LOCATION,
     SETTING(struct headers_location, trailers, 0)},
    {"expires", IN_ANY | ARGS_1_2, set_expires, LEVEL_LOCATION,
     SETTING(struct headers_location, expires, 0)},
    {.name = NULL},
};

static const struct http_hooks hooks = {
    .location_size = sizeof(struct headers_location),
};

struct module headers_module = {
    .name = "headers", .kind = MODULE_HTTP, .directives = directives, .hooks = &hooks};
