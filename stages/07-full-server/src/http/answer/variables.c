/*
 * The built-in variables: they describe the request, the connection, the server and the
 * response.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/answer/body.h"
#include "http/answer/send.h"
#include "http/answer/write_filter.h"
#include "http/message/uri.h"
#include "http/message/version.h"
#include "http/request/path.h"
#include "http/request/value.h"
#include "http/site/core.h"
#include "http/site/variable.h"
#include "http/wire/client.h"

#define GETTER(name)                                                                               \
	static bool name(struct request *r, const struct variable *v, struct str *value)

static bool give(struct str *value, struct str s)
{
	*value = s;
	return s.data != NULL;
}

static bool give_number(struct request *r, struct str *value, int64_t n)
{
	char *text = pool_bytes(r->pool, NUMBER_MAX);

	return text != NULL && give(value, str_between(text, put_number(text, (uint64_t)n)));
}

/* Gets a member of the request that is a struct str; v->data is the offset of the member. */
GETTER(get_member)
{
	return give(value, *(struct str *)((char *)r + v->data));
}

/* Does the same as get_member, but an empty member counts as no value. */
GETTER(get_member_or_none)
{
	return get_member(r, v, value) && value->len > 0;
}

GETTER(get_is_args)
{
	return give(value, r->args.len > 0 ? STR("?") : STR_NONE);
}

/*
 * Gets the target of the request without scheme and authority. A configuration may write the
 * target directly behind a host name: "return 301 https://www.example.org$request_uri". A
 * scheme and an authority in the target would change the host of this redirect. A target
 * without a slash at its start, such as "*" or the target of CONNECT, would do the same. So
 * such a target counts as no value.
 */
GETTER(get_request_uri)
{
	struct str uri = r->in.line.target, authority = r->in.line.authority;

	if (authority.len > 0)
		uri = str_between(authority.data + authority.len, uri.data + uri.len);
	if (authority.len > 0 && !str_starts(uri, STR("/")))
		uri = pool_print(r->pool, "/%.*s", STR_ARGS(uri));
	return str_starts(uri, STR("/")) && give(value, uri);
}

static int set_args(struct request *r, struct str value)
{
	r->args = value;
	return 0;
}

GETTER(get_arg)
{
	return uri_arg(r->args, v->name, value);
}

GETTER(get_scheme)
{
	return give(value, STR("http"));
}

GETTER(get_https)
{
	return give(value, STR_NONE);
}

GETTER(get_host)
{
	return give(value, r->in.host.len > 0 ? r->in.host : r->server->name);
}

GETTER(get_protocol)
{
	return give(value, r->in.line.version == HTTP_11   ? STR("HTTP/1.1")
			   : r->in.line.version == HTTP_10 ? STR("HTTP/1.0")
			   : r->in.line.version == HTTP_09 ? STR("HTTP/0.9")
							   : STR("HTTP/1.1"));
}

/* ---- the file */

GETTER(get_filename)
{
	return request_map_path(r, 0, value) == 0;
}

GETTER(get_document_root)
{
	return template_eval(r, r->core->root, value) == 0;
}

GETTER(get_realpath_root)
{
	struct str root;
	char resolved[4096];

	return template_eval(r, r->core->root, &root) == 0 &&
	       realpath(root.data, resolved) != NULL &&
	       give(value, pool_str(r->pool, str_from(resolved)));
}

/* ---- the connection */

GETTER(get_remote_addr)
{
	char text[ADDRESS_TEXT];
	size_t len = address_print(&r->client->conn->peer.any, text);

	return give(value, pool_str(r->pool, (struct str){text, len}));
}

GETTER(get_binary_remote_addr)
{
	const union peer *p = &r->client->conn->peer;

	if (p->any.sa_family == AF_INET)
		return give(value, (struct str){(const char *)&p->in.sin_addr, 4});
	if (p->any.sa_family == AF_INET6)
		return give(value, (struct str){(const char *)&p->in6.sin6_addr, 16});
	return give(value, STR("unix:"));
}

GETTER(get_remote_port)
{
	return give_number(r, value, address_port(&r->client->conn->peer.any));
}

GETTER(get_server_addr)
{
	char text[ADDRESS_TEXT];
	struct address local;

	if (net_local_address(r->client->conn->fd, &local) < 0)
		return false;
	return give(value, pool_str(r->pool, (struct str){text, address_print(&local.any, text)}));
}

GETTER(get_server_port)
{
	return give_number(r, value, address_port(&point_address(r->client->point)->any));
}

GETTER(get_server_name)
{
	return give(value, r->server->name);
}

GETTER(get_connection)
{
	return give_number(r, value, (int64_t)r->client->number);
}

GETTER(get_connection_requests)
{
	return give_number(r, value, r->client->requests);
}

static bool give_seconds(struct request *r, struct str *value, int64_t ms)
{
	char *text = pool_bytes(r->pool, NUMBER_MAX + 4), *to = text;

	if (text == NULL)
		return false;
	to = put_number(to, (uint64_t)(ms / 1000));
	*to++ = '.';
	return give(value, str_between(text, put_padded(to, (int)(ms % 1000), 3)));
}

GETTER(get_connection_time)
{
	return give_seconds(r, value, now.ms - r->client->since);
}

GETTER(get_pipe)
{
	return give(value, r->main->pipelined ? STR("p") : STR("."));
}

/* ---- headers of the request */

GETTER(get_http)
{
	return header_join(r->pool, &r->in.headers, v->name,
			   str_equal(v->name, STR("cookie")) ? STR("; ") : STR(", "), value);
}

GETTER(get_known_header)
{
	const struct str *header = request_header(r, (enum header_id)v->data);

	return header != NULL && give(value, *header);
}

/* Gets the user name from a header like "Basic bmFtZTpwYXNzd29yZA==". The password is not
 * checked here. */
GETTER(get_remote_user)
{
	const struct str *header = request_header(r, HEADER_AUTHORIZATION);
	struct str scheme = STR("basic ");
	char *text;
	int64_t len;

	if (header == NULL || header->len < scheme.len ||
	    !str_equal_nocase((struct str){header->data, scheme.len}, scheme))
		return false;
	text = pool_bytes(r->pool, header->len);
	if (text == NULL)
		return false;
	len = base64_decode(
	    str_trim((struct str){header->data + scheme.len, header->len - scheme.len}), text);
	if (len <= 0 || memchr(text, ':', (size_t)len) == NULL)
		return false;
	return give(value, str_between(text, memchr(text, ':', (size_t)len)));
}

static bool find_cookie(struct str line, struct str name, struct str *value)
{
	struct str item;

	while (str_next_item(&line, ';', &item)) {
		if (item.len > name.len && item.data[name.len] == '=' &&
		    str_equal((struct str){item.data, name.len}, name))
			return give(
			    value, (struct str){item.data + name.len + 1, item.len - name.len - 1});
	}
	return false;
}

GETTER(get_cookie)
{
	for (size_t i = 0; i < r->in.headers.lines.count; i++) {
		const struct header *h = header_at(&r->in.headers, i);

		if (h->id == HEADER_COOKIE && find_cookie(h->value, v->name, value))
			return true;
	}
	return false;
}

GETTER(get_request_length)
{
	return give_number(r, value, (int64_t)r->in.size);
}

GETTER(get_request_time)
{
	return give_seconds(r, value, now.ms - r->began);
}

GETTER(get_request_body)
{
	return r->body != NULL && r->body->fd < 0 && r->body->used > 0 &&
	       give(value, (struct str){r->body->memory, r->body->used});
}

GETTER(get_request_body_file)
{
	return r->body != NULL && r->body->fd >= 0 && give(value, r->body->path);
}

GETTER(get_request_id)
{
	unsigned char bytes[16];
	char *text = pool_bytes(r->pool, 2 * sizeof(bytes) + 1);

	if (text == NULL || getentropy(bytes, sizeof(bytes)) < 0)
		return false;
	for (size_t i = 0; i < sizeof(bytes); i++)
		sprintf(text + 2 * i, "%02x", bytes[i]);
	return give(value, (struct str){text, 2 * sizeof(bytes)});
}

/* ---- the response */

GETTER(get_status)
{
	enum { DIGITS = 3 };
	char *text = pool_bytes(r->pool, DIGITS);
	/* while the server makes an error page, the variable has the status of this page */
	int status = r->error_status > 0 ? r->error_status : r->out.status;

	return text != NULL && give(value, str_between(text, put_padded(text, status, DIGITS)));
}

GETTER(get_bytes_sent)
{
	return give_number(r, value, r->main->sent);
}

GETTER(get_body_bytes_sent)
{
	r = r->main;
	return give_number(r, value, r->sent > r->head_size ? r->sent - r->head_size : 0);
}

GETTER(get_completion)
{
	r = r->main;
	return give(value, r->ended && !r->failed && r->pending == NULL ? STR("OK") : STR_NONE);
}

static bool give_type(struct request *r, struct str *value)
{
	struct str charset = response_charset(r);

	if (charset.len == 0)
		return give(value, r->out.content_type);
	return give(value, pool_print(r->pool, "%.*s; charset=%.*s", STR_ARGS(r->out.content_type),
				      STR_ARGS(charset)));
}

/* Finds the value of a header line. Some values are members of the response; they are not in
 * its header list. */
static bool sent_member(struct request *r, struct str name, struct str *value)
{
	const struct response *out = &r->out;

	if (str_equal(name, STR("content_type")))
		return out->content_type.len > 0 && give_type(r, value);
	if (str_equal(name, STR("content_length")))
		return out->length != LENGTH_UNKNOWN && give_number(r, value, out->length);
	if (str_equal(name, STR("last_modified"))) {
		char date[HTTP_DATE_LEN];

		if (out->last_modified == TIME_UNKNOWN)
			return false;
		put_http_date(date, out->last_modified);
		return give(value, pool_str(r->pool, (struct str){date, sizeof(date)}));
	}
	if (str_equal(name, STR("etag")))
		return out->etag.len > 0 && give(value, out->etag);
	if (str_equal(name, STR("location")))
		return out->location.len > 0 && give(value, out->location);
	if (str_equal(name, STR("connection")))
		return give(value, r->keepalive ? STR("keep-alive") : STR("close"));
	if (str_equal(name, STR("transfer_encoding")))
		return out->chunked && give(value, STR("chunked"));
	return false;
}

GETTER(get_sent_http)
{
	return sent_member(r, v->name, value) ||
	       header_join(r->pool, &r->out.headers, v->name, STR(", "), value);
}

GETTER(get_sent_trailer)
{
	return header_join(r->pool, &r->out.trailers, v->name, STR(", "), value);
}

GETTER(get_limit_rate)
{
	return give_number(r, value, r->limit_rate >= 0 ? r->limit_rate : send_rules(r)->rate);
}

static int set_limit_rate(struct request *r, struct str value)
{
	return parse_size(value, &r->limit_rate) ? 0 : -1;
}

/* ---- time and process */

GETTER(get_msec)
{
	return give_seconds(r, value, now.wall_ms);
}

GETTER(get_clock_text)
{
	return give(value, pool_str(r->pool, *(struct str *)((char *)&now + v->data)));
}

GETTER(get_pid)
{
	return give_number(r, value, getpid());
}

GETTER(get_hostname)
{
	char name[256];

	if (gethostname(name, sizeof(name)) < 0)
		return false;
	return give(value, pool_str(r->pool, str_from(name)));
}

GETTER(get_version)
{
	return give(value, STR(SERVER_VERSION));
}

#define MEMBER(name) offsetof(struct request, name)

static const struct variable_spec builtin[] = {
    {"request", get_member_or_none, MEMBER(in.raw_line), false, NULL},
    {"request_method", get_member, MEMBER(in.line.method_name), false, NULL},
    {"request_uri", get_request_uri, 0, false, NULL},
    {"uri", get_member, MEMBER(uri), true, NULL},
    {"document_uri", get_member, MEMBER(uri), true, NULL},
    {"args", get_member_or_none, MEMBER(args), true, set_args},
    {"query_string", get_member_or_none, MEMBER(args), true, NULL},
    {"is_args", get_is_args, 0, true, NULL},
    {"arg_*", get_arg, 0, true, NULL},
    {"scheme", get_scheme, 0, false, NULL},
    {"https", get_https, 0, false, NULL},
    {"host", get_host, 0, false, NULL},
    {"server_protocol", get_protocol, 0, false, NULL},
    {"request_filename", get_filename, 0, true, NULL},
    {"document_root", get_document_root, 0, true, NULL},
    {"realpath_root", get_realpath_root, 0, true, NULL},

    {"remote_addr", get_remote_addr, 0, true, NULL},
    {"binary_remote_addr", get_binary_remote_addr, 0, true, NULL},
    {"remote_port", get_remote_port, 0, true, NULL},
    {"server_addr", get_server_addr, 0, false, NULL},
    {"server_port", get_server_port, 0, false, NULL},
    {"server_name", get_server_name, 0, true, NULL},
    {"connection", get_connection, 0, false, NULL},
    {"connection_requests", get_connection_requests, 0, true, NULL},
    {"connection_time", get_connection_time, 0, true, NULL},
    {"pipe", get_pipe, 0, true, NULL},

    {"http_*", get_http, 0, false, NULL},
    {"cookie_*", get_cookie, 0, false, NULL},
    {"remote_user", get_remote_user, 0, false, NULL},
    {"content_length", get_known_header, HEADER_CONTENT_LENGTH, false, NULL},
    {"content_type", get_known_header, HEADER_CONTENT_TYPE, false, NULL},
    {"request_length", get_request_length, 0, true, NULL},
    {"request_time", get_request_time, 0, true, NULL},
    {"request_body", get_request_body, 0, true, NULL},
    {"request_body_file", get_request_body_file, 0, true, NULL},
    {"request_id", get_request_id, 0, false, NULL},

    {"status", get_status, 0, true, NULL},
    {"bytes_sent", get_bytes_sent, 0, true, NULL},
    {"body_bytes_sent", get_body_bytes_sent, 0, true, NULL},
    {"request_completion", get_completion, 0, true, NULL},
    {"sent_http_*", get_sent_http, 0, true, NULL},
    {"sent_trailer_*", get_sent_trailer, 0, true, NULL},
    {"limit_rate", get_limit_rate, 0, true, set_limit_rate},

    {"msec", get_msec, 0, true, NULL},
    {"time_local", get_clock_text, offsetof(struct clock, log_local), true, NULL},
    {"time_iso8601", get_clock_text, offsetof(struct clock, iso8601), true, NULL},
    {"pid", get_pid, 0, false, NULL},
    {"hostname", get_hostname, 0, false, NULL},
    {"nginx_version", get_version, 0, false, NULL},
    {.name = NULL},
};

static int declare(struct conf *cf)
{
	return variables_declare(cf, builtin);
}

static const struct http_hooks hooks = {.declare = declare};

extern struct module variables_module;

struct module variables_module = {.name = "variables", .kind = MODULE_HTTP, .hooks = &hooks};
