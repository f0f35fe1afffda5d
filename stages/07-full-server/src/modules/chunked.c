/*
 * chunked: sends a body in chunks, if its length is unknown or if trailers follow. The client
 * must speak HTTP/1.1.
 *
 * The bytes of one call of the filter become one chunk. The trailers follow the last chunk. If
 * the response ends too early, the last chunk is missing, so the client notices.
 */
#include "http/request/filter.h"

extern struct module chunked_module;

struct chunked_location {
	int allowed;
};

static bool is_possible(const struct request *r)
{
	const struct chunked_location *l = request_section(r, LEVEL_LOCATION, &chunked_module);

	return r == r->main && !r->out.no_body && r->in.line.version >= HTTP_11 && l->allowed &&
	       r->out.status >= 200 && r->out.status != 204 && r->out.status != 304;
}

static enum send_result head(const struct filter *const *self, struct request *r)
{
	bool wanted = r->out.length == LENGTH_UNKNOWN || r->out.has_trailers;

	r->out.chunked = wanted && is_possible(r);
	if (r->out.chunked && r->out.length != LENGTH_UNKNOWN) {
		response_touch(&r->out);
		r->out.length = LENGTH_UNKNOWN;
	}
	return filter_head_next(self, r);
}

static struct buf *size_line(struct request *r, off_t size)
{
	enum { ROOM = 20 };
	char *text = pool_bytes(request_flow(r), ROOM), *to = text;

	if (text == NULL)
		return NULL;
	to = put_hex(to, (uint64_t)size);
	to = put_str(to, STR("\r\n"));
	return buf_memory(request_flow(r), str_between(text, to));
}

static struct buf *last_chunk(struct request *r)
{
	const struct header_list *trailers = &r->out.trailers;
	size_t room = 8;
	char *text, *to;
	struct buf *b;

	for (size_t i = 0; i < trailers->lines.count; i++)
		room += header_at(trailers, i)->name.len + header_at(trailers, i)->value.len + 4;
	to = text = pool_bytes(request_flow(r), room);
	if (text == NULL)
		return NULL;
	to = put_str(to, STR("0\r\n"));
	for (size_t i = 0; i < trailers->lines.count; i++) {
		to = put_str(to, header_at(trailers, i)->name);
		to = put_str(to, STR(": "));
		to = put_str(to, header_at(trailers, i)->value);
		to = put_str(to, STR("\r\n"));
	}
	b = buf_memory(request_flow(r), str_between(text, put_str(to, STR("\r\n"))));
	if (b != NULL)
		b->last_buf = true;
	return b;
}

/* Adds the size of the chunk and its data. `ends`: the response ends with this chunk. */
static int wrap(struct request *r, const struct chain *in, struct chain **out, bool *ends)
{
	off_t size = chain_size(in);

	if (size > 0 && chain_append(request_flow(r), out, size_line(r, size)) < 0)
		return -1;
	for (; in != NULL; in = in->next) {
		*ends |= in->buf->last_buf;
		in->buf->last_buf = false;
		if ((buf_size(in->buf) > 0 || in->buf->flush) &&
		    chain_append(request_flow(r), out, in->buf) < 0)
			return -1;
	}
	if (size > 0 &&
	    chain_append(request_flow(r), out, buf_memory(request_flow(r), STR("\r\n"))) < 0)
		return -1;
	return *ends ? chain_append(request_flow(r), out, last_chunk(r)) : 0;
}

static enum send_result body(const struct filter *const *self, struct request *r, struct chain *in)
{
	struct chain *out = NULL;
	bool ends = false;

	if (!r->main->out.chunked || in == NULL)
		return filter_body_next(self, r, in);
	if (wrap(r->main, in, &out, &ends) < 0)
		return SEND_ERROR;
	return filter_body_next(self, r, out);
}

const struct filter chunked_filter = {"chunked", head, body, NULL};

static const struct directive directives[] = {
    {"chunked_transfer_encoding", IN_HTTP_ALL | ARGS_1, conf_set_flag, LEVEL_LOCATION,
     SETTING(struct chunked_location, allowed, 1)},
    {.name = NULL},
};

static const struct http_hooks hooks = {.location_size = sizeof(struct chunked_location)};

struct module chunked_module = {
    .name = "chunked", .kind = MODULE_HTTP, .directives = directives, .hooks = &hooks};
