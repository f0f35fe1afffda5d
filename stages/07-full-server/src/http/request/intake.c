#include "http/request/intake.h"

#include <string.h>

#include "http/message/uri.h"
#include "http/site/server.h"
#include "http/wire/client.h"

struct head_rules {
	int64_t large_buffer_count, large_buffer_size;
	int64_t max_headers;
	int ignore_invalid_headers, underscores_in_headers;
};

extern struct module intake_module;

static const struct head_rules *head_rules(const struct request *r)
{
	return request_section(r, LEVEL_SERVER, &intake_module);
}

/* Call grow when the buffer is full and the head is not complete. The function moves the
 * incomplete line to a larger buffer. */
static enum intake grow(struct request *r)
{
	struct client *c = r->client;
	struct input *in = c->input, *larger;
	size_t part = (size_t)(in->last - in->line);
	size_t size = (size_t)head_rules(r)->large_buffer_size;

	if (in->line > in->bytes && r->in.line.method_name.len == 0 && in->older == NULL) {
		/* No pointer of this request leads into the buffer yet, and the earlier
		 * requests are answered. So the line moves to the start of the same buffer. */
		memmove(in->bytes, in->line, part);
		in->line = in->scan = in->bytes;
		in->last = in->bytes + part;
		return INTAKE_MORE;
	}
	if (part >= size || c->large_inputs >= head_rules(r)->large_buffer_count) {
		r->refusal = r->in.line.method_name.len == 0 ? 414 : 400;
		return INTAKE_WHOLE;
	}
	larger = input_create(size);
	if (larger == NULL)
		return INTAKE_LOST;
	memcpy(larger->bytes, in->line, part);
	larger->last = larger->bytes + part;
	larger->scan = larger->last;
	larger->older = in;
	in->last = in->line; /* the line has moved to the larger buffer */
	c->input = larger;
	c->large_inputs++;
	return INTAKE_MORE;
}

static int take_header(struct request *r, struct str line)
{
	const struct head_rules *rules = head_rules(r);
	struct str name, value;
	struct header *h;
	enum header_line kind =
	    parse_header_line(line, rules->underscores_in_headers, &name, &value);

	if (kind == HEADER_LINE_BAD)
		return 400;
	if (kind == HEADER_LINE_ODD_NAME && rules->ignore_invalid_headers)
		return 0;
	if ((int64_t)r->in.headers.lines.count >= rules->max_headers)
		return 400;
	h = header_add(r->pool, &r->in.headers, name, value);
	if (h == NULL)
		return 500;
	h->id = header_identify(name);
	if (h->id == HEADER_OTHER)
		return 0;
	if (r->in.known[h->id] != 0)
		return header_is_single(h->id) ? 400 : 0;
	r->in.known[h->id] = (uint16_t)r->in.headers.lines.count;
	return 0;
}

/* Returns false if the bytes can never be a request line, for example TLS on a port without
 * TLS. Such bytes are refused before the end of the line has come. */
static bool can_begin_request(const struct input *in)
{
	unsigned char first = (unsigned char)*in->line;

	return (first >= 'A' && first <= 'Z') || first == '\r' || first == '\n' || first == '_';
}

/* Returns 0, or the HTTP status to refuse with. */
static int take_line(struct request *r, struct str line, bool *whole)
{
	bool first = r->in.line.method_name.len == 0;

	if (first && line.len == 0)
		return 0; /* empty lines before a request are ignored */
	if (first) {
		int status = parse_request_line(line, &r->in.line);

		r->in.raw_line = line;
		/* The answer to an invalid line has a head, so the version must not be HTTP/0.9. */
		if (status != 0)
			r->in.line.version = HTTP_11;
		*whole = status == 0 && r->in.line.version == HTTP_09;
		return status;
	}
	*whole = line.len == 0;
	return *whole ? 0 : take_header(r, line);
}

enum intake intake_head(struct request *r)
{
	struct input *in = r->client->input;
	const char *line = in->line, *scan = in->scan;
	struct str taken;

	if (r->in.line.method_name.len == 0 && in->line < in->last && !can_begin_request(in)) {
		r->refusal = 400;
		return INTAKE_WHOLE;
	}
	while (parse_take_line(&line, &scan, in->last, &taken)) {
		r->in.size += (uint64_t)(line - in->line);
		in->line = (char *)line;
		in->scan = (char *)line;
		r->refusal = take_line(r, taken, &r->in.whole);
		if (r->in.whole || r->refusal != 0)
			return INTAKE_WHOLE;
	}
	in->scan = (char *)scan;
	return in->last == in->end ? grow(r) : INTAKE_MORE;
}

static bool take_host(struct request *r, struct str authority)
{
	char *lower = pool_bytes(r->pool, authority.len);
	struct str host;

	if (lower == NULL || !parse_authority(authority, lower, &host))
		return false;
	r->in.host = host;
	return true;
}

static int check_host(struct request *r)
{
	const struct str *header = request_header(r, HEADER_HOST);

	if (header == NULL && r->in.line.version >= HTTP_11)
		return 400;
	if (header != NULL && !take_host(r, *header))
		return 400;
	/* If the target is in the absolute form, the host of the target is used, not the
	 * Host header (RFC 9112, 3.2.2). */
	if (r->in.line.authority.len > 0 && !take_host(r, r->in.line.authority))
		return 400;
	return 0;
}

static int check_body(struct request *r)
{
	const struct str *length = request_header(r, HEADER_CONTENT_LENGTH);
	const struct str *encoding = request_header(r, HEADER_TRANSFER_ENCODING);

	r->in.content_length = LENGTH_UNKNOWN;
	if (length != NULL) {
		r->in.content_length = str_to_number(*length);
		if (r->in.content_length < 0)
			return 400;
		r->in.body_kind = r->in.content_length > 0 ? BODY_LENGTH : BODY_NONE;
	}
	if (encoding == NULL)
		return 0;
	if (length != NULL || r->in.line.version < HTTP_11)
		return 400;
	if (!str_equal_nocase(*encoding, STR("chunked")))
		return 501;
	r->in.body_kind = BODY_CHUNKED;
	return 0;
}

/* Tokens are compared as a whole: the token "xcloser" contains "close", but does not close
 * the connection. */
static void note_connection(struct request *r, struct str value)
{
	struct str token;

	while (str_next_item(&value, ',', &token)) {
		if (str_equal_nocase(token, STR("close")))
			r->in.wants_close = true;
		else if (str_equal_nocase(token, STR("keep-alive")))
			r->in.wants_keepalive = true;
	}
}

static void check_connection(struct request *r)
{
	const struct str *expect = request_header(r, HEADER_EXPECT);

	for (size_t i = 0; r->in.known[HEADER_CONNECTION] != 0 && i < r->in.headers.lines.count;
	     i++)
		if (header_at(&r->in.headers, i)->id == HEADER_CONNECTION)
			note_connection(r, header_at(&r->in.headers, i)->value);
	if (expect != NULL && r->in.line.version >= HTTP_11 &&
	    str_equal_nocase(*expect, STR("100-continue")))
		r->in.expects_100 = true;
}

static int check_uri(struct request *r)
{
	struct str path = r->in.line.path;
	char *room;

	r->args = r->in.line.args;
	if (r->in.line.plain) {
		r->uri = path;
		return path.data[0] == '/' ? 0 : 400;
	}
	room = pool_bytes(r->pool, path.len);
	if (room == NULL)
		return 500;
	return uri_normalise(path, r->server->rules->merge_slashes, room, &r->uri) ? 0 : 400;
}

static int choose_server(struct request *r)
{
	struct server *s =
	    server_find(r->client->point, r->in.host, r->captures, &r->capture_count);

	if (s == NULL)
		return 500;
	request_set_server(r, s);
	return 0;
}

int intake_check(struct request *r)
{
	int status = check_host(r);

	r->method = r->in.line.method;
	if (status == 0)
		status = check_body(r);
	if (status == 0) {
		check_connection(r);
		status = choose_server(r);
	}
	if (status == 0)
		status = check_uri(r);
	if (status == 0 && (r->method == METHOD_TRACE || r->method == METHOD_CONNECT))
		status = 405;
	return status;
}

/* ---- the module */

static int set_large_buffers(struct conf *cf, const struct directive *d, void *section)
{
	struct head_rules *l = section;

	if (l->large_buffer_count != CONF_UNSET)
		return conf_duplicate(cf);
	l->large_buffer_count = str_to_number(cf->args[1]);
	if (l->large_buffer_count < 1)
		return conf_bad_value(cf, cf->args[1]);
	if (!parse_size(cf->args[2], &l->large_buffer_size) || l->large_buffer_size < 64)
		return conf_bad_value(cf, cf->args[2]);
	return 0;
}

#define ROW(name, args, set, member, otherwise)                                                    \
	{                                                                                          \
		name, IN_HTTP | IN_SERVER | (args), set, LEVEL_SERVER,                             \
		    SETTING(struct head_rules, member, otherwise)                                  \
	}

static const struct directive directives[] = {
    ROW("large_client_header_buffers", ARGS_2, set_large_buffers, large_buffer_count, 4),
    {ALSO_SETS("large_client_header_buffers"), LEVEL_SERVER,
     SETTING(struct head_rules, large_buffer_size, 8192)},
    ROW("max_headers", ARGS_1, conf_set_number, max_headers, 1000),
    ROW("ignore_invalid_headers", ARGS_1, conf_set_flag, ignore_invalid_headers, 1),
    ROW("underscores_in_headers", ARGS_1, conf_set_flag, underscores_in_headers, 0),
    {.name = NULL},
};

static const struct http_hooks hooks = {.server_size = sizeof(struct head_rules)};

struct module intake_module = {
    .name = "intake", .kind = MODULE_HTTP, .directives = directives, .hooks = &hooks};
