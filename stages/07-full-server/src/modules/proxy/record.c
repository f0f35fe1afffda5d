#include "modules/proxy/record.h"

#include <stdio.h>

#include "base/clock.h"
#include "http/site/variable.h"

struct record {
	struct request *r;
	struct pool_list attempts; /* struct attempt * */
	const struct header_list *headers;
	/* The record of another request with the same pool. A page and its subrequests share
	 * one pool. */
	struct record *older;
};

/* This cleanup does nothing. It only marks the record, so that pool_cleanup_find finds it. */
static void is_record(void *data)
{
}

static struct record *record_find(const struct request *r)
{
	struct record *record = pool_cleanup_find(r->pool, is_record);

	while (record != NULL && record->r != r)
		record = record->older;
	return record;
}

static struct record *record_of(struct request *r)
{
	struct record *record = record_find(r);
	struct pool_cleanup *c;

	if (record != NULL)
		return record;
	record = pool_zalloc(r->pool, sizeof(*record));
	if (record == NULL)
		return NULL;
	record->r = r;
	record->older = pool_cleanup_find(r->pool, is_record);
	c = pool_cleanup_add(r->pool, record);
	if (c == NULL)
		return NULL;
	c->run = is_record;
	return record;
}

struct attempt *record_attempt(struct request *r, bool redirected)
{
	struct record *record = record_of(r);
	struct attempt *a = pool_zalloc(r->pool, sizeof(*a)), **place;

	if (record == NULL || a == NULL)
		return NULL;
	place = pool_list_add(r->pool, &record->attempts, sizeof(*place));
	if (place == NULL)
		return NULL;
	*place = a;
	a->began = now.ms;
	a->connect_time = a->header_time = a->response_time = NOT_MEASURED;
	a->redirected = redirected && record->attempts.count > 1;
	return a;
}

void record_headers(struct request *r, const struct header_list *headers)
{
	struct record *record = record_find(r);

	if (record != NULL)
		record->headers = headers;
}

/* ---- variables: the values of all attempts, as "a, b : c" */

enum { ONE_MAX = 64 }; /* the most bytes that a number takes */

static char *put_seconds(char *to, int64_t ms)
{
	if (ms == NOT_MEASURED)
		return put_str(to, STR("-"));
	return to + sprintf(to, "%lld.%03d", (long long)(ms / 1000), (int)(ms % 1000));
}

static char *put_server(char *to, const struct attempt *a, uintptr_t at)
{
	return put_str(to, a->server);
}

static char *put_status(char *to, const struct attempt *a, uintptr_t at)
{
	return a->status != 0 ? to + sprintf(to, "%03d", a->status) : put_str(to, STR("-"));
}

static char *put_time(char *to, const struct attempt *a, uintptr_t at)
{
	return put_seconds(to, *(const int64_t *)((const char *)a + at));
}

static char *put_bytes(char *to, const struct attempt *a, uintptr_t at)
{
	return put_number(to, (uint64_t) * (const int64_t *)((const char *)a + at));
}

static bool join(struct request *r, struct str *value, uintptr_t at,
		 char *(*put)(char *to, const struct attempt *a, uintptr_t at))
{
	const struct record *record = record_find(r);
	struct attempt *const *list;
	size_t size = 0;
	char *text, *to;

	if (record == NULL || record->attempts.count == 0)
		return false;
	list = record->attempts.items;
	for (size_t i = 0; i < record->attempts.count; i++)
		size += list[i]->server.len + ONE_MAX;
	to = text = pool_bytes(r->pool, size);
	if (text == NULL)
		return false;
	for (size_t i = 0; i < record->attempts.count; i++) {
		if (i > 0)
			to = put_str(to, list[i]->redirected ? STR(" : ") : STR(", "));
		to = put(to, list[i], at);
	}
	*value = str_between(text, to);
	return true;
}

#define GETTER(name)                                                                               \
	static bool name(struct request *r, const struct variable *v, struct str *value)

GETTER(get_server)
{
	return join(r, value, v->data, put_server);
}

GETTER(get_status)
{
	return join(r, value, v->data, put_status);
}

GETTER(get_time)
{
	return join(r, value, v->data, put_time);
}

GETTER(get_bytes)
{
	return join(r, value, v->data, put_bytes);
}

GETTER(get_header)
{
	const struct record *record = record_find(r);

	return record != NULL && record->headers != NULL &&
	       header_join(r->pool, record->headers, v->name, STR(", "), value);
}

/* Returns the value of "name=value; Path=/". */
static bool cookie_is(struct str line, struct str name, struct str *value)
{
	struct str pair;
	const char *equals;

	if (!str_next_item(&line, ';', &pair))
		return false;
	equals = memchr(pair.data, '=', pair.len);
	if (equals == NULL || !str_equal_nocase(str_trim(str_between(pair.data, equals)), name))
		return false;
	*value = str_trim(str_between(equals + 1, pair.data + pair.len));
	return true;
}

GETTER(get_cookie)
{
	const struct record *record = record_find(r);
	const struct header *h;

	if (record == NULL || record->headers == NULL)
		return false;
	for (size_t i = 0; (h = header_find(record->headers, STR("Set-Cookie"), i)) != NULL; i++)
		if (cookie_is(h->value, v->name, value))
			return true;
	return false;
}

static const struct variable_spec variables[] = {
    {"upstream_addr", get_server, 0, true, NULL},
    {"upstream_status", get_status, 0, true, NULL},
    {"upstream_connect_time", get_time, offsetof(struct attempt, connect_time), true, NULL},
    {"upstream_header_time", get_time, offsetof(struct attempt, header_time), true, NULL},
    {"upstream_response_time", get_time, offsetof(struct attempt, response_time), true, NULL},
    {"upstream_response_length", get_bytes, offsetof(struct attempt, length), true, NULL},
    {"upstream_bytes_sent", get_bytes, offsetof(struct attempt, sent), true, NULL},
    {"upstream_bytes_received", get_bytes, offsetof(struct attempt, received), true, NULL},
    {"upstream_http_*", get_header, 0, true, NULL},
    {"upstream_cookie_*", get_cookie, 0, true, NULL},
    {.name = NULL},
};

int record_declare(struct conf *cf)
{
	return variables_declare(cf, variables);
}
