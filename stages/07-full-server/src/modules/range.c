/*
 * range: a part of a file (RFC 9110, 14), for GET alone.
 *
 * The head becomes 206 with Content-Range, or 416 when the part is beyond the
 * end; the body filter then cuts what is not asked for from the bufs that
 * pass. What cannot be understood is ignored: the answer is the whole.
 */
#include "base/clock.h"
#include "http/core.h"

extern struct module range_module;

struct range {
	int64_t from, to; /* [from, to) */
};

struct wanted {
	struct range range;
	int64_t at; /* how much of the whole has passed */
};

enum parsed { RANGE_GOOD, RANGE_IGNORE, RANGE_UNSATISFIABLE };

static bool parse_position(struct str text, int64_t *n)
{
	*n = str_to_number(text);
	return *n >= 0;
}

/* "0-9", "5-", "-5" */
static enum parsed parse_range(struct str text, int64_t size, struct range *range)
{
	const char *dash = memchr(text.data, '-', text.len);
	struct str first, last;

	if (dash == NULL)
		return RANGE_IGNORE;
	first = str_between(text.data, dash);
	last = str_between(dash + 1, text.data + text.len);
	if (first.len == 0) {
		int64_t suffix;

		if (!parse_position(last, &suffix))
			return RANGE_IGNORE;
		range->from = suffix < size ? size - suffix : 0;
		range->to = size;
		return suffix > 0 ? RANGE_GOOD : RANGE_UNSATISFIABLE;
	}
	if (!parse_position(first, &range->from))
		return RANGE_IGNORE;
	range->to = size;
	if (last.len > 0) {
		if (!parse_position(last, &range->to) || range->to < range->from)
			return RANGE_IGNORE;
		range->to = range->to < size ? range->to + 1 : size;
	}
	return range->from < size ? RANGE_GOOD : RANGE_UNSATISFIABLE;
}

static bool if_range_holds(const struct request *r)
{
	const struct str *value = request_header(r, HEADER_IF_RANGE);

	if (value == NULL)
		return true;
	if (value->len > 0 && value->data[value->len - 1] == '"')
		return str_equal(*value, r->out.etag); /* a weak one never equals ours */
	return r->out.last_modified != TIME_UNKNOWN &&
	       http_date_parse(*value) == r->out.last_modified;
}

static bool applies(const struct request *r)
{
	return r->in.known[HEADER_RANGE] != 0 && r == r->main && r->method == METHOD_GET &&
	       r->out.status == 200 && r->out.ranges_allowed && r->out.length > 0 &&
	       r->core->max_ranges > 0 && if_range_holds(r);
}

static int add_content_range(struct request *r, const struct range *range)
{
	struct str value = range != NULL
			       ? pool_print(r->pool, "bytes %lld-%lld/%lld", (long long)range->from,
					    (long long)range->to - 1, (long long)r->out.length)
			       : pool_print(r->pool, "bytes */%lld", (long long)r->out.length);

	return value.data != NULL &&
		       header_add(r->pool, &r->out.headers, STR("Content-Range"), value) != NULL
		   ? 0
		   : -1;
}

static enum send_result send_part(const struct filter *const *self, struct request *r,
				  struct range range)
{
	struct wanted *w = pool_zalloc(r->pool, sizeof(*w));

	if (w == NULL || request_set_context(r, &range_module, w) < 0 ||
	    add_content_range(r, &range) < 0)
		return SEND_ERROR;
	w->range = range;
	response_touch(&r->out);
	r->out.status = 206;
	r->out.length = range.to - range.from;
	return filter_head_next(self, r);
}

static enum send_result send_unsatisfiable(const struct filter *const *self, struct request *r)
{
	if (add_content_range(r, NULL) < 0)
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

static enum send_result head(const struct filter *const *self, struct request *r)
{
	struct str list, item;
	struct range range;

	if (!applies(r))
		return filter_head_next(self, r);
	list = *request_header(r, HEADER_RANGE);
	if (list.len < 6 || !str_equal_nocase((struct str){list.data, 6}, STR("bytes=")))
		return filter_head_next(self, r);
	list = (struct str){list.data + 6, list.len - 6};
	if (!str_next_item(&list, ',', &item) || list.len > 0)
		return filter_head_next(self, r);
	switch (parse_range(item, r->out.length, &range)) {
	case RANGE_GOOD:
		return send_part(self, r, range);
	case RANGE_UNSATISFIABLE:
		return send_unsatisfiable(self, r);
	case RANGE_IGNORE:
		break;
	}
	return filter_head_next(self, r);
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Leaves of the buf what lies in the range. */
static void cut(struct buf *b, struct wanted *w)
{
	int64_t size = buf_size(b);
	int64_t skip = least(w->range.from > w->at ? w->range.from - w->at : 0, size);
	int64_t keep = least(w->range.to > w->at ? w->range.to - w->at : 0, size);

	w->at += size;
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

static enum send_result body(const struct filter *const *self, struct request *r, struct chain *in)
{
	struct wanted *w = request_context(r, &range_module);

	if (w != NULL)
		for (struct chain *link = in; link != NULL; link = link->next)
			cut(link->buf, w);
	return filter_body_next(self, r, in);
}

const struct filter range_filter = {"range", head, body};

struct module range_module = {.name = "range", .kind = MODULE_HTTP};
