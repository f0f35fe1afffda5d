/*
 * gzip_static: sends files that were compressed before.
 *
 * If the folder contains "page.html" and "page.html.gz", a client that accepts gzip gets the
 * compressed file. This file has its own entity tag, because its bytes are different. With
 * `always`, every client gets the compressed file. If there are two forms, both answers have a
 * Vary header.
 */
#include "http/file/file_rules.h"
#include "http/request/filter.h"
#include "http/request/path.h"
#include "http/site/core.h"
#include "http/work/warm.h"
#include "modules/gzip/coding.h"

extern struct module gzip_static_module;

enum { GZIP_STATIC_OFF, GZIP_STATIC_ON, GZIP_STATIC_ALWAYS };

struct gzip_static_location {
	int mode;
};

/* Both files may have the same time and size, so they would have the same tag. "-gz" makes it
 * different. */
static struct str tag_of(struct request *r, const struct open_file *f)
{
	if (!file_rules(r)->etag || f->etag.len < 2)
		return STR_NONE;
	return pool_print(r->pool, "%.*s-gz\"", (int)f->etag.len - 1, f->etag.data);
}

static int fill_response(struct request *r, const struct open_file *f)
{
	struct str type = mime_type(r->core->types, mime_extension(r->uri), r->core->default_type);

	r->out.status = 200;
	r->out.content_type = type;
	r->out.length = f->size;
	response_set_modified(&r->out, f->modified);
	r->out.etag = tag_of(r, f);
	r->out.ranges_allowed = r->out.accept_ranges = r->core->max_ranges > 0;
	response_touch(&r->out);
	return r->out.etag.data != NULL ? add_content_encoding(r, STR("gzip")) : -1;
}

static enum phase_result send_file(struct request *r, struct open_file *f)
{
	struct buf *b = open_file_buf(r, f, 0, f->size);
	struct chain body = {b, NULL};

	if (b == NULL || fill_response(r, f) < 0)
		return request_refuse(r, 500);
	b->last_buf = b->last_in_chain = true;
	if (filter_head(r) == SEND_ERROR || filter_body(r, &body) == SEND_ERROR)
		r->failed = true;
	return PHASE_DONE;
}

static bool applies(const struct request *r, const struct gzip_static_location *l)
{
	return l->mode != GZIP_STATIC_OFF && r == r->main && r->uri.data[r->uri.len - 1] != '/' &&
	       r->method & (METHOD_GET | METHOD_HEAD);
}

static enum phase_result serve(struct request *r)
{
	const struct gzip_static_location *l =
	    request_section(r, LEVEL_LOCATION, &gzip_static_module);
	struct open_file *f;
	bool wanted, both;
	struct str path;

	if (!applies(r, l))
		return PHASE_NEXT;
	wanted = l->mode == GZIP_STATIC_ALWAYS || accepts_gzip(r);
	both = l->mode == GZIP_STATIC_ON && varies(r);
	if (!wanted && !both)
		return PHASE_NEXT;
	if (request_map_path(r, 3, &path) < 0)
		return request_refuse(r, 500);
	memcpy((char *)path.data + path.len, ".gz", sizeof(".gz"));
	path.len += 3;
	f = open_file_get(r, path);
	if (f == NULL)
		return request_refuse(r, 500);
	if (f->kind != FILE_REGULAR)
		return PHASE_NEXT;
	if (wanted && warm_begin(r, f))
		return PHASE_WAIT;
	if (both && add_vary_encoding(r) < 0)
		return request_refuse(r, 500);
	return wanted ? send_file(r, f) : PHASE_NEXT;
}

static int setup(struct conf *cf)
{
	return phase_add(cf, PHASE_CONTENT, serve);
}

static const struct conf_name modes[] = {
    {"off", GZIP_STATIC_OFF}, {"on", GZIP_STATIC_ON}, {"always", GZIP_STATIC_ALWAYS}, {NULL, 0}};

static const struct directive directives[] = {
    {"gzip_static", IN_HTTP_ALL | ARGS_1, conf_set_enum, LEVEL_LOCATION,
     SETTING(struct gzip_static_location, mode, GZIP_STATIC_OFF), .extra = modes},
    {.name = NULL},
};

static const struct http_hooks hooks = {
    .location_size = sizeof(struct gzip_static_location),
    .setup_if_asked = setup,
};

struct module gzip_static_module = {
    .name = "gzip_static", .kind = MODULE_HTTP, .directives = directives, .hooks = &hooks};
