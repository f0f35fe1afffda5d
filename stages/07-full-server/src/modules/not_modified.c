/*
 * not_modified: the client's conditions (RFC 9110, 13).
 *
 * In the order of the RFC: If-Match, else If-Unmodified-Since; then
 * If-None-Match, else If-Modified-Since. nginx asks both of the last two to
 * agree; the RFC lets the tag decide alone where there is one, and so do we.
 */
#include "base/clock.h"
#include "http/core.h"

static struct str without_weak(struct str tag)
{
	return str_starts(tag, STR("W/")) ? (struct str){tag.data + 2, tag.len - 2} : tag;
}

static bool is_weak(struct str tag)
{
	return str_starts(tag, STR("W/"));
}

/* Tags may hold commas between their quotes: no splitting at commas here. */
static bool take_tag(struct str *list, struct str *tag)
{
	const char *at = list->data, *end = at + list->len, *quote;

	while (at < end && (*at == ' ' || *at == '\t' || *at == ','))
		at++;
	if (at == end)
		return false;
	quote = memchr(at, '"', (size_t)(end - at));
	quote = quote != NULL ? memchr(quote + 1, '"', (size_t)(end - quote - 1)) : NULL;
	*tag = str_between(at, quote != NULL ? quote + 1 : end);
	*list = str_between(tag->data + tag->len, end);
	return true;
}

static bool matches(struct str list, struct str etag, bool strong)
{
	struct str tag;

	if (str_equal(str_trim(list), STR("*")))
		return true;
	if (etag.len == 0 || (strong && is_weak(etag)))
		return false;
	while (take_tag(&list, &tag)) {
		if (strong && is_weak(tag))
			continue;
		if (str_equal(without_weak(tag), without_weak(etag)))
			return true;
	}
	return false;
}

/* A date that is none is as if it were not there. */
static bool date_of(const struct request *r, enum header_id id, time_t *date)
{
	const struct str *value = request_header(r, id);

	*date = value != NULL ? http_date_parse(*value) : TIME_UNKNOWN;
	return *date != TIME_UNKNOWN;
}

static bool precondition_fails(const struct request *r)
{
	const struct str *match = request_header(r, HEADER_IF_MATCH);
	time_t date;

	if (match != NULL)
		return !matches(*match, r->out.etag, true);
	return date_of(r, HEADER_IF_UNMODIFIED_SINCE, &date) &&
	       r->out.last_modified != TIME_UNKNOWN && r->out.last_modified > date;
}

static bool is_not_modified(const struct request *r)
{
	const struct str *none_match = request_header(r, HEADER_IF_NONE_MATCH);
	time_t date;

	if (none_match != NULL)
		return matches(*none_match, r->out.etag, false);
	if (r->core->if_modified == IF_MODIFIED_OFF ||
	    !date_of(r, HEADER_IF_MODIFIED_SINCE, &date) || r->out.last_modified == TIME_UNKNOWN)
		return false;
	return r->core->if_modified == IF_MODIFIED_EXACT ? r->out.last_modified == date
							 : r->out.last_modified <= date;
}

static bool has_conditions(const struct request *r)
{
	return (r->in.known[HEADER_IF_MATCH] | r->in.known[HEADER_IF_UNMODIFIED_SINCE] |
		r->in.known[HEADER_IF_NONE_MATCH] | r->in.known[HEADER_IF_MODIFIED_SINCE]) != 0;
}

static void become_empty(struct request *r, int status)
{
	response_touch(&r->out);
	r->out.status = status;
	r->out.no_body = true;
	r->out.length = status == 304 ? LENGTH_UNKNOWN : 0;
	r->out.content_type = STR_NONE;
	r->out.ranges_allowed = r->out.accept_ranges = false;
	header_remove(&r->out.headers, STR("Content-Encoding"));
}

static enum send_result head(const struct filter *const *self, struct request *r)
{
	if (!has_conditions(r) || r != r->main || r->out.status != 200 || r->out.unconditional ||
	    !(r->method & (METHOD_GET | METHOD_HEAD)))
		return filter_head_next(self, r);
	if (precondition_fails(r))
		become_empty(r, 412);
	else if (is_not_modified(r))
		become_empty(r, 304);
	return filter_head_next(self, r);
}

const struct filter not_modified_filter = {"not_modified", head, NULL};
