/*
 * not_modified: the client's conditions (RFC 9110, 13).
 *
 * In the order of the RFC: If-Match, else If-Unmodified-Since; then
 * If-None-Match, else If-Modified-Since. nginx asks both of the last two to
 * agree; the RFC lets the tag decide alone where there is one, and so do we.
 */
#include "base/clock.h"
#include "http/message/etag.h"
#include "http/site/core.h"

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
		return !etag_is_in(*match, r->out.etag, true);
	return date_of(r, HEADER_IF_UNMODIFIED_SINCE, &date) &&
	       r->out.last_modified != TIME_UNKNOWN && r->out.last_modified > date;
}

static bool is_not_modified(const struct request *r)
{
	const struct str *none_match = request_header(r, HEADER_IF_NONE_MATCH);
	time_t date;

	if (none_match != NULL)
		return etag_is_in(*none_match, r->out.etag, false);
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
