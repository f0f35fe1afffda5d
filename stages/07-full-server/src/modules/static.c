/*
 * static: sends files unchanged. It is the last content handler: if there is no file, the
 * answer is 404.
 */
#include "base/clock.h"
#include "http/answer/write_filter.h"
#include "http/file/file_rules.h"
#include "http/file/open_file.h"
#include "http/message/uri.h"
#include "http/request/filter.h"
#include "http/request/path.h"
#include "http/site/core.h"
#include "http/work/warm.h"
#include "mem/alloc.h"

extern struct module static_module;

/* If the URI of a folder has no slash at its end, the client is redirected to the URI with a
 * slash. Otherwise relative links on the page would be wrong. */
static enum phase_result redirect_to_folder(struct request *r)
{
	char *to = pool_bytes(r->pool, 3 * r->uri.len + r->args.len + 4), *text = to;

	if (to == NULL)
		return request_refuse(r, 500);
	/* a relative "//name/" would mean the host `name` (RFC 3986, 4.2) */
	if (str_starts(r->uri, STR("//")))
		to = put_str(to, STR("/."));
	to = put_escaped(to, r->uri, URI_PATH);
	*to++ = '/';
	if (r->args.len > 0) {
		*to++ = '?';
		to = put_str(to, r->args);
	}
	r->out.location = str_between(text, to);
	return request_refuse(r, 301);
}

static void fill_response(struct request *r, const struct open_file *f, struct str type)
{
	r->out.status = 200;
	r->out.content_type = type;
	r->out.length = f->size;
	response_set_modified(&r->out, f->modified);
	r->out.etag = file_rules(r)->etag ? f->etag : STR_NONE;
	r->out.ranges_allowed = r->core->max_ranges > 0;
	r->out.accept_ranges = r->out.ranges_allowed;
}

/* Makes the header lines that depend only on the file. The lines are kept with the file, for
 * other requests. */
static void prepare_head(struct request *r, struct open_file *f, struct str type)
{
	enum { ROOM = 256 };
	size_t room = ROOM + type.len + response_charset(r).len;
	char *lines = alloc_large(room);

	if (lines == NULL)
		return;
	alloc_large_free((char *)f->prepared.data);
	f->prepared = str_between(lines, put_entity_lines(lines, r));
	f->prepared_for = r->core;
	f->prepared_type = type;
}

/* Returns true when the lines may change from request to request. This is so for a charset that
 * contains a variable. It is also so for a file with a date in the future, because
 * Last-Modified must not be later than now. */
static bool depends_on_request(const struct request *r, const struct open_file *f)
{
	return (r->core->charset != NULL && !r->core->charset->fixed) || f->modified > now.second;
}

static enum phase_result send_file(struct request *r, struct open_file *f)
{
	struct str type = mime_type(r->core->types, mime_extension(r->uri), r->core->default_type);
	struct buf *b = open_file_buf(r, f, 0, f->size);
	struct chain body = {b, NULL};

	fill_response(r, f, type);
	if (!depends_on_request(r, f)) {
		if (f->prepared_for != r->core || f->prepared_type.data != type.data)
			prepare_head(r, f, type);
		r->out.prepared = f->prepared;
	}
	if (b == NULL)
		return request_refuse(r, 500);
	if (filter_head(r) == SEND_ERROR) {
		r->failed = true;
		return PHASE_DONE;
	}
	b->last_buf = r == r->main;
	b->last_in_chain = true;
	if (filter_body(r, &body) == SEND_ERROR)
		r->failed = true;
	return PHASE_DONE;
}

static enum phase_result serve(struct request *r)
{
	struct open_file *f;
	struct str path;

	if (!(r->method & (METHOD_GET | METHOD_HEAD | METHOD_POST)))
		return request_refuse(r, 405);
	if (r->uri.data[r->uri.len - 1] == '/')
		return PHASE_NEXT;
	if (request_map_path(r, 0, &path) < 0)
		return request_refuse(r, 500);
	f = open_file_get(r, path);
	if (f == NULL)
		return request_refuse(r, 500);
	switch (f->kind) {
	case FILE_REGULAR:
		if (r->method == METHOD_POST)
			return request_refuse(r, 405);
		return warm_begin(r, f) ? PHASE_WAIT : send_file(r, f);
	case FILE_FOLDER:
		return redirect_to_folder(r);
	default:
		return request_refuse(r, open_file_status(r, f, path));
	}
}

static int setup(struct conf *cf)
{
	return phase_add(cf, PHASE_CONTENT, serve);
}

static const struct http_hooks hooks = {.setup = setup};

struct module static_module = {.name = "static", .kind = MODULE_HTTP, .hooks = &hooks};
