/*
 * not_modified: tests the conditions in the client's request (RFC 9110, 13).
 *
 * The order is that of the RFC. First comes If-Match or, if it is missing, If-Unmodified-Since.
 * Then comes If-None-Match or, if it is missing, If-Modified-Since. nginx differs in the second
 * part: if both headers are there, both conditions must hold. By the RFC, and in this server,
 * the tag alone decides.
 */
#include "base/clock.h"
#include "http/message/etag.h"
#include "http/request/filter.h"

extern struct module not_modified_module;

enum if_modified { IF_MODIFIED_OFF, IF_MODIFIED_EXACT, IF_MODIFIED_BEFORE };

struct not_modified_location {
	int since; /* enum if_modified */
};

/* Returns false when the header is missing, or when its date is invalid. */
static bool date_of(const struct request *r, enum header_id id, time_t *date)
{
	const struct str *value = request_header(r, id);

	*date = value != NULL ? http_date_parse(*value) : TIME_UNKNOWN;
	return *date != TIME_UNKNOWN;
}

static bool has(const struct request *r, enum header_id id)
{
	return r->in.known[id] != 0;
}

/* Returns true when a line of this header contains our tag. Returns false also when there is no
 * memory. */
static bool names_tag(const struct request *r, enum header_id id, bool strong)
{
	struct str list;

	return header_join_known(r->pool, &r->in.headers, id, &list) &&
	       etag_is_in(list, r->out.etag, strong);
}

static bool precondition_fails(const struct request *r)
{
	time_t date;

	if (has(r, HEADER_IF_MATCH))
		return !names_tag(r, HEADER_IF_MATCH, true);
	return date_of(r, HEADER_IF_UNMODIFIED_SINCE, &date) &&
	       r->out.last_modified != TIME_UNKNOWN && r->out.last_modified > date;
}

static bool is_not_modified(const struct request *r)
{
	const struct not_modified_location *l =
	    request_section(r, LEVEL_LOCATION, &not_modified_module);
	time_t date;

	if (has(r, HEADER_IF_NONE_MATCH))
		return names_tag(r, HEADER_IF_NONE_MATCH, false);
	if (l->since == IF_MODIFIED_OFF || !date_of(r, HEADER_IF_MODIFIED_SINCE, &date) ||
	    r->out.last_modified == TIME_UNKNOWN)
		return false;
	return l->since == IF_MODIFIED_EXACT ? r->out.last_modified == date
					     : r->out.last_modified <= date;
}

static bool has_conditions(const struct request *r)
{
	return has(r, HEADER_IF_MATCH) || has(r, HEADER_IF_UNMODIFIED_SINCE) ||
	       has(r, HEADER_IF_NONE_MATCH) || has(r, HEADER_IF_MODIFIED_SINCE);
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

const struct filter not_modified_filter = {"not_modified", head, NULL, NULL};

static const struct conf_name since_names[] = {{"off", IF_MODIFIED_OFF},
					       {"exact", IF_MODIFIED_EXACT},
					       {"before", IF_MODIFIED_BEFORE},
					       {NULL, 0}};

static const struct directive directives[] = {
    {"if_modified_since", IN_HTTP_ALL | ARGS_1, conf_set_enum, LEVEL_LOCATION,
     SETTING(struct not_modified_location, since, IF_MODIFIED_EXACT), .extra = since_names},
    {.name = NULL},
};

static const struct http_hooks hooks = {.location_size = sizeof(struct not_modified_location)};

struct module not_modified_module = {
    .name = "not_modified", .kind = MODULE_HTTP, .directives = directives, .hooks = &hooks};
