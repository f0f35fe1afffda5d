/*
 * The last filter: writes the head as text, and sends the body to the socket.
 */
#include "http/answer/write_filter.h"

#include "base/clock.h"
#include "http/answer/body.h"
#include "http/answer/send.h"
#include "http/message/uri.h"
#include "http/message/version.h"
#include "http/request/filter.h"
#include "http/request/keepalive.h"
#include "http/request/value.h"
#include "http/site/core.h"
#include "http/wire/client.h"
#include "http/wire/output.h"

struct redirect_rules { /* these say how the address in a Location header is made */
	int absolute, with_port, with_server_name;
};

extern struct module write_module;

/* FIXED_LINES means the room for the lines that are not in the header_list. It is enough for
 * their longest form with the usual reason phrase. The values need more room. */
enum { FIXED_LINES = 512 };

static struct str reason_of(const struct response *out)
{
	return out->reason.len > 0 ? out->reason : status_reason(out->status);
}

static size_t list_size(const struct header_list *list)
{
	size_t size = 0;

	for (size_t i = 0; i < list->lines.count; i++)
		size += header_at(list, i)->name.len + header_at(list, i)->value.len + 4;
	return size;
}

static size_t head_room(struct request *r)
{
	const struct response *out = &r->out;

	size_t entity = out->prepared.len > 0
			    ? out->prepared.len
			    : out->content_type.len + response_charset(r).len + out->etag.len;

	return FIXED_LINES + entity + out->reason.len + out->location.len + out->date.len +
	       out->server.len + list_size(&out->headers);
}

static char *put_line(char *to, struct str name, struct str value)
{
	to = put_str(to, name);
	to = put_str(to, STR(": "));
	to = put_str(to, value);
	return put_str(to, STR("\r\n"));
}

static char *put_status(char *to, const struct response *out)
{
	if (out->status == 200 && out->reason.len == 0)
		return put_str(to, STR("HTTP/1.1 200 OK\r\n"));
	to = put_str(to, STR("HTTP/1.1 "));
	to = put_number(to, (uint64_t)out->status);
	*to++ = ' ';
	to = put_str(to, reason_of(out));
	return put_str(to, STR("\r\n"));
}

static char *put_server_and_date(char *to, const struct request *r)
{
	if (r->out.server.len > 0)
		to = put_line(to, STR("Server"), r->out.server);
	else if (r->core->server_tokens != TOKENS_OFF)
		to = put_str(to, STR("Server: " SERVER_FULL_NAME "\r\n"));
	else
		to = put_str(to, STR("Server: " SERVER_NAME "\r\n"));
	to = put_str(to, STR("Date: "));
	to = put_str(to, r->out.date.len > 0 ? r->out.date : now.http_date);
	return put_str(to, STR("\r\n"));
}

static bool has_entity(int status)
{
	return status >= 200 && status != 204 && status != 304;
}

/* Returns the charset of the response. The result is empty for "charset off". It is also empty
 * if the directive has a variable, and its value is not a valid name. */
struct str response_charset(struct request *r)
{
	struct str charset;

	if (r->out.charset.len > 0 || !core_wants_charset(r->core, &r->out))
		return r->out.charset;
	if (template_eval(r, r->core->charset, &charset) < 0 || !is_token(charset) ||
	    (r->core->charset->fixed && str_equal(charset, STR("off"))))
		return STR_NONE;
	return r->out.charset = charset;
}

char *put_type(char *to, struct request *r)
{
	struct str charset = response_charset(r);

	if (r->out.content_type.len == 0)
		return to;
	to = put_str(to, STR("Content-Type: "));
	to = put_str(to, r->out.content_type);
	if (charset.len > 0) {
		to = put_str(to, STR("; charset="));
		to = put_str(to, charset);
	}
	return put_str(to, STR("\r\n"));
}

char *put_entity_lines(char *to, struct request *r)
{
	const struct response *out = &r->out;

	if (has_entity(out->status))
		to = put_type(to, r);
	if (out->length != LENGTH_UNKNOWN && has_entity(out->status)) {
		to = put_str(to, STR("Content-Length: "));
		to = put_number(to, (uint64_t)out->length);
		to = put_str(to, STR("\r\n"));
	}
	if (out->last_modified != TIME_UNKNOWN) {
		to = put_str(to, STR("Last-Modified: "));
		to = put_http_date(to, out->last_modified);
		to = put_str(to, STR("\r\n"));
	}
	if (out->etag.len > 0)
		to = put_line(to, STR("ETag"), out->etag);
	if (out->accept_ranges)
		to = put_str(to, STR("Accept-Ranges: bytes\r\n"));
	return to;
}

static char *put_connection(char *to, const struct request *r)
{
	if (r->out.chunked)
		to = put_str(to, STR("Transfer-Encoding: chunked\r\n"));
	if (!r->keepalive)
		return put_str(to, STR("Connection: close\r\n"));
	to = put_str(to, STR("Connection: keep-alive\r\n"));
	if (keepalive_rules(r)->header > 0) {
		to = put_str(to, STR("Keep-Alive: timeout="));
		to = put_number(to, (uint64_t)keepalive_rules(r)->header);
		to = put_str(to, STR("\r\n"));
	}
	return to;
}

static char *put_head(char *to, struct request *r)
{
	const struct response *out = &r->out;

	to = put_status(to, out);
	to = put_server_and_date(to, r);
	if (out->prepared.len > 0)
		to = put_str(to, out->prepared);
	else
		to = put_entity_lines(to, r);
	if (out->location.len > 0)
		to = put_line(to, STR("Location"), out->location);
	to = put_connection(to, r);
	for (size_t i = 0; i < out->headers.lines.count; i++)
		to = put_line(to, header_at(&out->headers, i)->name,
			      header_at(&out->headers, i)->value);
	return put_str(to, STR("\r\n"));
}

/* Returns the host for a redirect: the host that the client has asked for, or the name of the
 * server. The function adds the port if it is not 80 and port_in_redirect is on. */
static struct str authority(struct request *r, const struct redirect_rules *l)
{
	int port = address_port(&point_address(r->client->point)->any);
	struct str host = l->with_server_name ? r->server->name : r->in.host;

	if (host.len == 0)
		host = r->server->name;
	if (host.len == 0)
		return pool_str(r->pool, str_from(r->client->point->text));
	if (!l->with_port || port == 0 || port == 80)
		return host;
	return pool_print(r->pool, "%.*s:%d", STR_ARGS(host), port);
}

static int location_make_absolute(struct request *r)
{
	const struct redirect_rules *l = request_section(r, LEVEL_LOCATION, &write_module);
	struct str host;

	/* A configuration may contain "return 301 $uri". A client could send %0D%0A in the URI,
	 * and so add a header line to the response. So such bytes are escaped. */
	r->out.location = uri_fit(r->pool, r->out.location);
	if (r->out.location.data == NULL)
		return -1;
	if (!l->absolute || !str_starts(r->out.location, STR("/")))
		return 0;
	host = authority(r, l);
	if (host.data == NULL)
		return -1;
	r->out.location =
	    pool_print(r->pool, "http://%.*s%.*s", STR_ARGS(host), STR_ARGS(r->out.location));
	return r->out.location.data != NULL ? 0 : -1;
}

/* Decides if the connection is kept. If the length of a response is not known, only the end
 * of the connection shows the end of the response. */
static void settle_framing(struct request *r)
{
	if (r->keepalive && !keepalive_is_allowed(r))
		r->keepalive = false;
	/* a client that waits for "100 Continue" can still send its body, or leave it out; the
	 * server cannot know which */
	if (r->in.expects_100 && !body_is_complete(r))
		r->keepalive = false;
	if (request_is_head_only(r) || r->out.chunked || r->out.length != LENGTH_UNKNOWN ||
	    !has_entity(r->out.status))
		return;
	r->keepalive = false;
	r->until_close = true;
}

static enum send_result append_head(struct request *r, struct str head)
{
	if (chain_append(r->pool, &r->pending, buf_memory(r->pool, head)) < 0)
		return SEND_ERROR;
	return SEND_DONE;
}

/* A socket gets TCP_NODELAY from its listener. If the location has another setting, the
 * function changes the option. */
static void follow_nodelay(struct request *r)
{
	int nodelay = send_rules(r)->nodelay;

	if (nodelay != r->client->nagle)
		return;
	r->client->nagle = !nodelay;
	net_set_nodelay(r->client->conn->fd, nodelay);
}

static enum send_result write_head(const struct filter *const *self, struct request *r)
{
	size_t room;
	char *to, *end;
	bool direct;

	if (pool_is_starved(r->pool))
		return SEND_ERROR;
	r->out.head_sent = true;
	r->until_close = r->in.line.version == HTTP_09;
	follow_nodelay(r);
	if (r != r->main || r->in.line.version == HTTP_09)
		return SEND_DONE;
	settle_framing(r);
	if (r->out.location.len > 0 && location_make_absolute(r) < 0)
		return SEND_ERROR;
	room = head_room(r);
	to = r->pending == NULL ? output_reserve(r->client, room) : NULL;
	direct = to != NULL;
	if (!direct)
		to = pool_bytes(r->pool, room);
	if (to == NULL)
		return SEND_ERROR;
	end = put_head(to, r);
	r->head_size = end - to;
	if (!direct)
		return append_head(r, str_between(to, end));
	output_commit(r->client, (size_t)(end - to));
	r->sent += end - to;
	return SEND_DONE;
}

static enum send_result write_body(const struct filter *const *self, struct request *r,
				   struct chain *in)
{
	struct request *main = r->main;

	if (pool_is_starved(main->pool))
		return SEND_ERROR;
	for (const struct chain *link = in; link != NULL; link = link->next)
		main->ended |= link->buf->last_buf;
	if (!request_is_head_only(r) &&
	    chain_append_all(request_flow(main), &main->pending, in) < 0)
		return SEND_ERROR;
	return send_request(main);
}

const struct filter write_filter = {"write", write_head, write_body, NULL};

/* ---- the module */

#define ROW(name, member, otherwise)                                                               \
	{                                                                                          \
		name, IN_HTTP_ALL | ARGS_1, conf_set_flag, LEVEL_LOCATION,                         \
		    SETTING(struct redirect_rules, member, otherwise)                              \
	}

static const struct directive directives[] = {
    ROW("absolute_redirect", absolute, 1),
    ROW("port_in_redirect", with_port, 1),
    ROW("server_name_in_redirect", with_server_name, 0),
    {.name = NULL},
};

static const struct http_hooks hooks = {.location_size = sizeof(struct redirect_rules)};

struct module write_module = {
    .name = "write", .kind = MODULE_HTTP, .directives = directives, .hooks = &hooks};
