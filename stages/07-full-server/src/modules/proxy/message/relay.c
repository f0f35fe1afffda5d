#include "modules/proxy/message/relay.h"

#include "base/clock.h"
#include "conf/value.h"
#include "http/answer/write_filter.h"
#include "http/message/version.h"
#include "http/site/core.h"
#include "http/wire/output.h"
#include "modules/proxy/message/cookie.h"
#include "modules/proxy/message/hop.h"
#include "modules/proxy/message/rewriting.h"

static bool is_listed(const struct pool_list *names, struct str name)
{
	for (size_t i = 0; names != NULL && i < names->count; i++)
		if (str_equal_nocase(((struct str *)names->items)[i], name))
			return true;
	return false;
}

static bool is_hidden_by_default(enum reply_name id)
{
	return id == REPLY_SERVER || (id >= REPLY_X_ACCEL_BUFFERING && id <= REPLY_X_PAD);
}

static bool is_hidden(const struct proxy_location *l, enum reply_name id, struct str name)
{
	if (is_listed(l->pass, name))
		return false;
	return is_hidden_by_default(id) || is_listed(l->hide, name);
}

static int add(struct request *r, const struct header *h, struct str value)
{
	return header_add(r->pool, &r->out.headers, h->name, value) != NULL ? 0 : -1;
}

/* Passes an invalid date on unchanged, because the client may understand it. */
static int add_modified(struct request *r, const struct header *h)
{
	r->out.last_modified = http_date_parse(h->value);
	return r->out.last_modified != TIME_UNKNOWN ? 0 : add(r, h, h->value);
}

static int add_location(struct request *r, const struct header *h)
{
	struct str changed;

	switch (rewrite_redirect(r, h->value, &changed)) {
	case REWRITE_NONE:
		return add(r, h, h->value);
	case REWRITE_DONE:
		r->out.location = changed; /* a later filter makes the URL absolute */
		return 0;
	default:
		return -1;
	}
}

static int add_rewritten(struct request *r, const struct header *h,
			 enum rewrite_result (*rewrite)(struct request *r, struct str value,
							struct str *changed))
{
	struct str changed;

	switch (rewrite(r, h->value, &changed)) {
	case REWRITE_NONE:
		return add(r, h, h->value);
	case REWRITE_DONE:
		return add(r, h, changed);
	default:
		return -1;
	}
}

static int add_line(struct request *r, enum reply_name id, const struct header *h)
{
	switch (id) {
	case REPLY_CONTENT_LENGTH:
		return 0;
	case REPLY_CONTENT_TYPE:
		r->out.content_type = h->value;
		return 0;
	case REPLY_DATE:
		r->out.date = h->value;
		return 0;
	case REPLY_SERVER:
		r->out.server = h->value;
		return 0;
	case REPLY_ETAG:
		r->out.etag = h->value;
		return 0;
	case REPLY_LAST_MODIFIED:
		return add_modified(r, h);
	case REPLY_LOCATION:
		return add_location(r, h);
	case REPLY_REFRESH:
		return add_rewritten(r, h, rewrite_refresh);
	case REPLY_SET_COOKIE:
		return add_rewritten(r, h, rewrite_cookie);
	case REPLY_ACCEPT_RANGES:
		return r->out.ranges_allowed ? 0 : add(r, h, h->value);
	default:
		return add(r, h, h->value);
	}
}

static int add_lines(struct request *r, const struct header_list *headers)
{
	const struct proxy_location *l = proxy_location_of(r);
	struct hop hop;

	if (!hop_collect(&hop, headers)) {
		request_log(r, LOG_ERROR, "upstream names too many headers in Connection");
		return -1;
	}
	for (size_t i = 0; i < headers->lines.count; i++) {
		const struct header *h = header_at(headers, i);
		enum reply_name id = reply_name_of(h);

		if (!hop_ends_here(&hop, h->name) && !is_hidden(l, id, h->name) &&
		    add_line(r, id, h) < 0)
			return -1;
	}
	return 0;
}

int relay_head(struct request *r, int status, const struct header_list *headers, int64_t length)
{
	response_touch(&r->out);
	r->out.status = status;
	r->out.length = length;
	r->out.no_body = status == 204 || status == 304;
	return add_lines(r, headers);
}

/* ---- stored heads */

/* Returns true for lines that are changed by rules with variables. The result may differ from
 * request to request. */
static bool is_rewritten(const struct header *h)
{
	enum reply_name id = reply_name_of(h);

	return id == REPLY_LOCATION || id == REPLY_REFRESH || id == REPLY_SET_COOKIE;
}

static bool depends_on_request(const struct header_list *headers)
{
	for (size_t i = 0; i < headers->lines.count; i++)
		if (is_rewritten(header_at(headers, i)))
			return true;
	return false;
}

static int relay_again(struct request *r, const struct gate_head *h)
{
	r->out.ranges_allowed = h->status == 200 && h->length > 0;
	r->out.accept_ranges = r->out.ranges_allowed && r->core->max_ranges > 0;
	return relay_head(r, h->status, h->headers, h->length);
}

/* Stores the text of the lines for type, length, date and tag. Without a fixed charset, the
 * type is different for each request, so nothing is stored. */
static void prepare(struct request *r, struct gate_memory *m)
{
	enum { ROOM = 256 };
	char *lines;

	if (r->core->charset != NULL && !r->core->charset->fixed)
		return;
	lines = pool_bytes(m->pool, ROOM + r->out.content_type.len + r->out.etag.len +
					response_charset(r).len);
	if (lines != NULL)
		m->head.prepared = str_between(lines, put_entity_lines(lines, r));
}

/* Makes the head in an empty response and stores it. Then restores the response of the
 * request. */
static void remember(struct request *r, const struct gate_head *h)
{
	struct gate_memory *m = h->memory;
	struct response before = r->out;
	struct header_list lines = {.lines = {.count = 0}};

	response_init(&r->out);
	if (relay_again(r, h) == 0 && header_add_all(m->pool, &lines, &r->out.headers) == 0) {
		m->head = r->out;
		m->head.headers = lines;
		prepare(r, m);
		m->location = proxy_location_of(r);
		m->core = r->core;
	}
	r->out = before;
}

static int recall(struct request *r, const struct response *head)
{
	struct response *out = &r->out;

	out->status = head->status;
	out->length = head->length;
	out->no_body = head->no_body;
	out->ranges_allowed = head->ranges_allowed;
	out->accept_ranges = head->accept_ranges;
	out->content_type = head->content_type;
	out->date = head->date;
	out->server = head->server;
	out->etag = head->etag;
	out->last_modified = head->last_modified;
	out->prepared = out->charset.len == 0 ? head->prepared : STR_NONE;
	return header_add_all(r->pool, &out->headers, &head->headers);
}

/* Only the first location that sends this head stores the result. Other locations compute it
 * for each request. */
static bool is_remembered(struct request *r, const struct gate_head *h)
{
	const struct gate_memory *m = h->memory;

	if (m == NULL)
		return false;
	if (m->location == NULL && !depends_on_request(h->headers))
		remember(r, h);
	return m->location == proxy_location_of(r) && m->core == r->core;
}

int relay_stored(struct request *r, const struct gate_head *h)
{
	int result = is_remembered(r, h) ? recall(r, &h->memory->head) : relay_again(r, h);

	return result < 0 ? -1 : add_lines(r, &h->more);
}

/* ---- X-Accel-* */

static void set_rate(struct request *r, struct str value)
{
	int64_t rate;

	if (parse_size(value, &rate))
		r->limit_rate = rate;
}

void relay_accel(struct request *r, const struct header_list *headers, struct accel *accel)
{
	int ignored = proxy_location_of(r)->ignore_headers;

	*accel = (struct accel){STR_NONE, CONF_UNSET};
	for (size_t i = 0; i < headers->lines.count; i++) {
		const struct header *h = header_at(headers, i);

		switch (reply_name_of(h)) {
		case REPLY_X_ACCEL_REDIRECT:
			if (!(ignored & IGNORE_ACCEL_REDIRECT))
				accel->redirect = h->value;
			break;
		case REPLY_X_ACCEL_LIMIT_RATE:
			if (!(ignored & IGNORE_ACCEL_LIMIT_RATE))
				set_rate(r, h->value);
			break;
		case REPLY_X_ACCEL_CHARSET:
			if (!(ignored & IGNORE_ACCEL_CHARSET) && is_token(h->value))
				r->out.charset = h->value;
			break;
		case REPLY_X_ACCEL_BUFFERING:
			if (ignored & IGNORE_ACCEL_BUFFERING)
				break;
			if (str_equal_nocase(h->value, STR("yes")))
				accel->buffering = 1;
			else if (str_equal_nocase(h->value, STR("no")))
				accel->buffering = 0;
			break;
		default:
			break;
		}
	}
}

/* ---- heads that are sent at once */

static char *put_line(char *to, struct str name, struct str value)
{
	to = put_str(to, name);
	to = put_str(to, STR(": "));
	to = put_str(to, value);
	return put_str(to, STR("\r\n"));
}

struct str relay_plain_head(struct request *r, const struct reply *reply, struct str more)
{
	size_t size = 64 + reply->reason.len + more.len;
	struct hop hop;
	char *text, *to;

	for (size_t i = 0; i < reply->headers.lines.count; i++)
		size += header_at(&reply->headers, i)->name.len +
			header_at(&reply->headers, i)->value.len + 4;
	text = pool_bytes(r->pool, size);
	if (text == NULL || !hop_collect(&hop, &reply->headers))
		return (struct str){NULL, 0};
	to = put_str(text, STR("HTTP/1.1 "));
	to = put_number(to, (uint64_t)reply->status);
	*to++ = ' ';
	to = put_str(to, reply->reason);
	to = put_str(to, STR("\r\n"));
	to = put_str(to, more);
	for (size_t i = 0; i < reply->headers.lines.count; i++) {
		const struct header *h = header_at(&reply->headers, i);

		if (!hop_ends_here(&hop, h->name) && reply_name_of(h) != REPLY_CONTENT_LENGTH)
			to = put_line(to, h->name, h->value);
	}
	return str_between(text, put_str(to, STR("\r\n")));
}

/* HTTP/1.0 has no interim answers (RFC 9110, 15.2), so such a client gets none. */
int relay_interim(struct request *r, const struct reply *reply)
{
	struct str head;

	if (r != r->main || r->in.line.version < HTTP_11)
		return 0;
	head = relay_plain_head(r, reply, STR_NONE);
	if (head.data == NULL)
		return -1;
	return output_add(r->client, head) || !r->client->lost ? 0 : -1;
}
