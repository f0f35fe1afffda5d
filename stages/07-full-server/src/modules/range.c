/*
 * range: sends parts of a file (RFC 9110, 14), only for GET.
 *
 * The status becomes 206, or 416 when all ranges begin after the end of the file. For one part,
 * the body filter passes only the bytes of this part. Several parts are sent as
 * multipart/byteranges, in the order of the request. For this the filter needs the whole body,
 * so it keeps the bufs until then. A file comes as a whole in the first call.
 *
 * A Range header that is not understood is ignored: the client gets the whole file.
 */
#include <sys/random.h>

#include "base/clock.h"
#include "http/answer/write_filter.h"
#include "http/message/etag.h"
#include "http/message/ranges.h"
#include "http/request/filter.h"
#include "http/site/core.h"

extern struct module range_module;

struct part {
	struct range range;
	/* the boundary and the header lines of the part; empty if there is only one part */
	struct str head;
};

struct wanted {
	struct part *parts;
	size_t count;
	struct str end; /* the last boundary */
	/* at: how many bytes of the body have passed; size: how many bytes the body has */
	int64_t at, size;
	struct chain *whole; /* for several parts: the bufs that have passed */
};

/* Only a strong validator guarantees that the client's part and the new part belong to the same
 * file (RFC 9110, 13.1.5). */
static bool if_range_holds(const struct request *r)
{
	const struct str *value = request_header(r, HEADER_IF_RANGE);

	if (value == NULL)
		return true;
	if (str_ends(*value, STR("\"")))
		return str_equal(*value, r->out.etag) && !etag_is_weak(*value);
	/* a file that was changed in this second may change again and keep the same date */
	return r->out.last_modified != TIME_UNKNOWN && r->out.last_modified < now.second &&
	       http_date_parse(*value) == r->out.last_modified;
}

static bool applies(const struct request *r)
{
	return r->in.known[HEADER_RANGE] != 0 && r == r->main && r->method == METHOD_GET &&
	       r->out.status == 200 && r->out.ranges_allowed && r->out.length > 0 &&
	       r->core->max_ranges > 0 && if_range_holds(r);
}

static struct str content_range(struct request *r, const struct range *range)
{
	return pool_print(r->pool, "bytes %lld-%lld/%lld", (long long)range->from,
			  (long long)range->to - 1, (long long)r->out.length);
}

static int add_content_range(struct request *r, struct str value)
{
	return value.data != NULL &&
		       header_add(r->pool, &r->out.headers, STR("Content-Range"), value) != NULL
		   ? 0
		   : -1;
}

static enum send_result send_unsatisfiable(const struct filter *const *self, struct request *r)
{
	if (add_content_range(r, pool_print(r->pool, "bytes */%lld", (long long)r->out.length)) < 0)
		return SEND_ERROR;
	response_touch(&r->out);
	r->out.status = 416;
	r->out.no_body = true;
	r->out.length = 0;
	r->out.content_type = STR_NONE;
	r->out.last_modified = TIME_UNKNOWN;
	r->out.accept_ranges = false;
	return filter_head_next(self, r);
}

static struct wanted *wanted_create(struct request *r, const struct pool_list *ranges)
{
	struct wanted *w = pool_zalloc(r->pool, sizeof(*w));

	if (w == NULL || request_set_context(r, &range_module, w) < 0)
		return NULL;
	w->parts = pool_array(r->pool, ranges->count, sizeof(*w->parts));
	if (w->parts == NULL)
		return NULL;
	w->count = ranges->count;
	w->size = r->out.length;
	for (size_t i = 0; i < w->count; i++)
		w->parts[i].range = ((struct range *)ranges->items)[i];
	return w;
}

static int one_part(struct request *r, const struct wanted *w)
{
	const struct range *range = &w->parts[0].range;

	if (add_content_range(r, content_range(r, range)) < 0)
		return -1;
	r->out.length = range->to - range->from;
	return 0;
}

/* Returns the Content-Type line of each part, such as "Content-Type: text/plain;
 * charset=utf-8\r\n". Returns an empty text when there is no type. */
static struct str type_line(struct request *r)
{
	enum { ROOM = 64 };
	char *line = pool_bytes(r->pool, ROOM + r->out.content_type.len + response_charset(r).len);

	return line != NULL ? str_between(line, put_type(line, r)) : (struct str){NULL, 0};
}

/* The boundary must not occur in the file. It is random (without random bytes: the time), so
 * that the author of a file cannot know it. */
static struct str make_boundary(struct request *r)
{
	unsigned long long n = 0;

	if (getrandom(&n, sizeof(n), GRND_NONBLOCK) < 0)
		n = (unsigned long long)now.wall_ms;
	return pool_print(r->pool, "%020llu", n);
}

static int several_parts(struct request *r, struct wanted *w)
{
	struct str boundary = make_boundary(r), type = type_line(r);
	int64_t length = 0;

	if (boundary.data == NULL || type.data == NULL)
		return -1;
	for (size_t i = 0; i < w->count; i++) {
		struct part *part = &w->parts[i];
		struct str range = content_range(r, &part->range);

		part->head = pool_print(r->pool, "\r\n--%s\r\n%.*sContent-Range: %.*s\r\n\r\n",
					boundary.data, STR_ARGS(type), STR_ARGS(range));
		if (range.data == NULL || part->head.data == NULL)
			return -1;
		length += (int64_t)part->head.len + part->range.to - part->range.from;
	}
	w->end = pool_print(r->pool, "\r\n--%s--\r\n", boundary.data);
	r->out.charset = STR_NONE; /* each part has its own Content-Type with the charset */
	r->out.content_type =
	    pool_print(r->pool, "multipart/byteranges; boundary=%s", boundary.data);
	r->out.length = length + (int64_t)w->end.len;
	return w->end.data != NULL && r->out.content_type.data != NULL ? 0 : -1;
}

static enum send_result send_parts(const struct filter *const *self, struct request *r,
				   const struct pool_list *ranges)
{
	struct wanted *w = wanted_create(r, ranges);

	if (w == NULL || (w->count == 1 ? one_part(r, w) : several_parts(r, w)) < 0)
		return SEND_ERROR;
	response_touch(&r->out);
	r->out.status = 206;
	/* the client knows this already, because it has asked for a range */
	r->out.accept_ranges = false;
	return filter_head_next(self, r);
}

static enum send_result head(const struct filter *const *self, struct request *r)
{
	struct pool_list ranges = {.count = 0};

	if (!applies(r))
		return filter_head_next(self, r);
	switch (ranges_parse(r->pool, *request_header(r, HEADER_RANGE), r->out.length,
			     r->core->max_ranges, &ranges)) {
	case RANGES_GOOD:
		return send_parts(self, r, &ranges);
	case RANGES_UNSATISFIABLE:
		return send_unsatisfiable(self, r);
	case RANGES_IGNORE:
		break;
	}
	return filter_head_next(self, r);
}

/* ---- the body */

static int64_t within(int64_t n, int64_t most)
{
	return n < 0 ? 0 : n < most ? n : most;
}

/* Cuts the buf, so that only the bytes of the range are left. The first byte of the buf is byte
 * `at` of the body. */
static void cut(struct buf *b, int64_t at, const struct range *range)
{
	int64_t size = buf_size(b);
	int64_t skip = within(range->from - at, size), keep = within(range->to - at, size);

	if (keep < skip)
		keep = skip;
	if (buf_in_file(b)) {
		b->file_last = b->file_pos + keep;
		b->file_pos += skip;
	} else {
		b->last = b->pos + keep;
		b->pos += skip;
	}
}

static void cut_all(struct chain *in, struct wanted *w)
{
	for (; in != NULL; in = in->next) {
		int64_t size = buf_size(in->buf);

		cut(in->buf, w->at, &w->parts[0].range);
		w->at += size;
	}
}

/* Several parts may contain the same bytes, so each part gets its own bufs. */
static int append_part(struct request *r, const struct wanted *w, const struct part *part,
		       struct chain **out)
{
	int64_t at = 0;

	if (chain_append(r->pool, out, buf_memory(r->pool, part->head)) < 0)
		return -1;
	for (const struct chain *link = w->whole; link != NULL; link = link->next) {
		struct buf *b = buf_mark(r->pool);
		int64_t size = buf_size(link->buf);

		if (b == NULL)
			return -1;
		*b = *link->buf;
		b->last_buf = b->last_in_chain = b->flush = false;
		cut(b, at, &part->range);
		at += size;
		if (buf_size(b) > 0 && chain_append(r->pool, out, b) < 0)
			return -1;
	}
	return 0;
}

static int append_end(struct request *r, const struct wanted *w, struct chain **out)
{
	struct buf *b = buf_memory(r->pool, w->end);

	if (b == NULL)
		return -1;
	b->last_buf = b->last_in_chain = true;
	return chain_append(r->pool, out, b);
}

static enum send_result send_several(const struct filter *const *self, struct request *r,
				     struct wanted *w, struct chain *in)
{
	struct chain *out = NULL;

	if (w->at == w->size)
		return filter_body_next(self, r, in);
	w->at += chain_size(in);
	if (chain_append_all(r->pool, &w->whole, in) < 0)
		return SEND_ERROR;
	if (w->at < w->size)
		return SEND_DONE;
	for (size_t i = 0; i < w->count; i++)
		if (append_part(r, w, &w->parts[i], &out) < 0)
			return SEND_ERROR;
	return append_end(r, w, &out) < 0 ? SEND_ERROR : filter_body_next(self, r, out);
}

static enum send_result body(const struct filter *const *self, struct request *r, struct chain *in)
{
	struct wanted *w = request_context(r, &range_module);

	if (w != NULL && w->count > 1)
		return send_several(self, r, w, in);
	if (w != NULL)
		cut_all(in, w);
	return filter_body_next(self, r, in);
}

const struct filter range_filter = {"range", head, body, NULL};

struct module range_module = {.name = "range", .kind = MODULE_HTTP};
