/*
 * gzip: compresses answers with zlib, if the server was built WITH=zlib. Otherwise the
 * directives have no effect.
 *
 * Compressing takes much more CPU time than sending. So one turn of the loop makes at most
 * BURST bytes of output, and only as much as the socket takes. The rest of the input waits in
 * bufs (r->held).
 *
 * The entity tag becomes weak, because zlib may make other bytes the next time.
 */
#ifdef WITH_ZLIB
#include <zlib.h>
#endif

#include "http/request/filter.h"
#include "http/site/core.h"
#include "http/work/fetch.h"
#include "modules/gzip/coding.h"

extern struct module gzip_module;

struct gzip_location {
	int on;
	int64_t level, min_length;
	struct pool_list *types; /* see mime_is_in */
};

static int set_on(struct conf *cf, const struct directive *d, void *section)
{
	if (conf_set_flag(cf, d, section) < 0)
		return -1;
#ifndef WITH_ZLIB
	if (((struct gzip_location *)section)->on)
		conf_warn(cf, "\"gzip\" compresses nothing: the server was built without zlib");
#endif
	return 0;
}

#ifdef WITH_ZLIB

enum {
	PIECE = 32768,     /* bytes of output */
	BURST = 8 * PIECE, /* bytes of output in one turn */
	WINDOW_BITS = 15,
	MEMORY_LEVEL = 8,
	GZIP_FORMAT = 16,
};

struct gzip {
	z_stream zlib;
	struct chain *in; /* the input that is not compressed yet */
	/* room for PIECE bytes; filled again only after the socket has taken all bytes */
	char *out;
	struct buf *buf; /* the buf for `out` */
	bool flush;      /* zlib has to write all bytes that it holds */
	bool ends;       /* the last buf of the input has come */
	bool done;       /* the last buf of the output was passed on */
	bool waiting;    /* a thread is reading the next input */
};

/* Returns true when the answer may be compressed for clients that accept gzip. */
static bool is_eligible(const struct request *r, const struct gzip_location *l)
{
	const struct response *out = &r->out;

	return l->on && r == r->main &&
	       (out->status == 200 || out->status == 403 || out->status == 404) &&
	       mime_is_in(l->types, out->content_type) &&
	       (out->length == LENGTH_UNKNOWN || out->length >= l->min_length) &&
	       header_find(&out->headers, STR("Content-Encoding"), 0) == NULL;
}

/* The length of a compressed answer is unknown. For a client with HTTP/1.0, its end would look
 * like a broken connection. A proxy (Via) might pass the answer on to other clients. */
static bool is_wanted(struct request *r)
{
	return r->in.line.version >= HTTP_11 && r->in.known[HEADER_VIA] == 0 && accepts_gzip(r);
}

static void gzip_fini(void *data)
{
	deflateEnd(&((struct gzip *)data)->zlib);
}

/* A window that is larger than the body would waste memory. */
static void fit_memory(int64_t length, int *window, int *memory)
{
	while (length != LENGTH_UNKNOWN && *window > 9 && length < (1 << (*window - 1)) - 262) {
		--*window;
		if (*memory > 1)
			--*memory;
	}
}

static struct gzip *gzip_create(struct request *r, const struct gzip_location *l)
{
	int window = WINDOW_BITS, memory = MEMORY_LEVEL;
	struct gzip *g = pool_zalloc(r->pool, sizeof(*g));
	struct pool_cleanup *c = g != NULL ? pool_cleanup_add(r->pool, g) : NULL;

	if (c == NULL || request_set_context(r, &gzip_module, g) < 0)
		return NULL;
	g->out = pool_bytes(r->pool, PIECE);
	g->buf = buf_mark(r->pool);
	if (g->out == NULL || g->buf == NULL)
		return NULL;
	fit_memory(r->out.length, &window, &memory);
	if (deflateInit2(&g->zlib, (int)l->level, Z_DEFLATED, window + GZIP_FORMAT, memory,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		return NULL;
	c->run = gzip_fini;
	return g;
}

static int weaken_tag(struct request *r)
{
	struct str etag = r->out.etag;

	if (etag.len == 0 || str_starts(etag, STR("W/")))
		return 0;
	r->out.etag = pool_print(r->pool, "W/%.*s", STR_ARGS(etag));
	return r->out.etag.data != NULL ? 0 : -1;
}

static enum send_result head(const struct filter *const *self, struct request *r)
{
	const struct gzip_location *l = request_section(r, LEVEL_LOCATION, &gzip_module);

	if (!is_eligible(r, l))
		return filter_head_next(self, r);
	if (add_vary_encoding(r) < 0)
		return SEND_ERROR;
	if (!is_wanted(r))
		return filter_head_next(self, r);
	if ((!request_is_head_only(r) && gzip_create(r, l) == NULL) || weaken_tag(r) < 0 ||
	    add_content_encoding(r, STR("gzip")) < 0)
		return SEND_ERROR;
	response_forget_length(&r->out);
	return filter_head_next(self, r);
}

static int read_file(struct request *r, struct gzip *g, struct buf *b)
{
	struct str bytes = STR_NONE;
	enum fetch_result result = fetch_bytes(r, b, &bytes);

	g->waiting = result == FETCH_WAIT;
	b->file_pos += (off_t)bytes.len;
	g->zlib.next_in = (Bytef *)bytes.data;
	g->zlib.avail_in = (uInt)bytes.len;
	return result == FETCH_FAILED ? -1 : 0;
}

/* Gives zlib the next bytes. *how says whether zlib must flush or finish. */
static int feed(struct request *r, struct gzip *g, int *how)
{
	while (g->zlib.avail_in == 0 && g->in != NULL && !g->flush) {
		struct buf *b = g->in->buf;

		if (buf_in_file(b) && buf_size(b) > 0) {
			if (read_file(r, g, b) < 0)
				return -1;
		} else {
			size_t size = (size_t)buf_size(b);

			/* the counters of zlib have only 32 bits, so a large buf is read in
			 * parts */
			if (size > 1 << 30)
				size = 1 << 30;
			g->zlib.next_in = (Bytef *)b->pos;
			g->zlib.avail_in = (uInt)size;
			b->pos += size;
		}
		if (buf_size(b) > 0)
			break;
		g->flush = b->flush;
		g->in = g->in->next;
	}
	*how = g->in == NULL && g->ends ? Z_FINISH : g->flush ? Z_SYNC_FLUSH : Z_NO_FLUSH;
	return 0;
}

/* Fills `out` once. Stops earlier when the input is used up. */
static int compress_some(struct request *r, struct gzip *g)
{
	bool flush = false;
	int how, result = Z_OK;

	g->zlib.next_out = (Bytef *)g->out;
	g->zlib.avail_out = PIECE;
	do {
		if (feed(r, g, &how) < 0)
			return -1;
		if (g->waiting)
			break;
		result = deflate(&g->zlib, how);
		if (result == Z_STREAM_ERROR)
			return -1;
		/* if there is room left, zlib has written all bytes that it held */
		if (how == Z_SYNC_FLUSH && g->zlib.avail_out > 0) {
			flush = true;
			g->flush = false;
		}
	} while (g->zlib.avail_out > 0 && (g->in != NULL || g->zlib.avail_in > 0));
	g->done = result == Z_STREAM_END;
	*g->buf = (struct buf){.fd = -1, .pos = g->out, .last = (char *)g->zlib.next_out};
	g->buf->last_buf = g->buf->last_in_chain = g->done;
	g->buf->flush = flush;
	return 0;
}

static bool has_more(const struct gzip *g)
{
	return !g->done && (g->in != NULL || g->zlib.avail_in > 0 || g->zlib.avail_out == 0 ||
			    g->flush || g->ends);
}

static enum send_result body(const struct filter *const *self, struct request *r, struct chain *in)
{
	struct gzip *g = request_context(r, &gzip_module);
	enum send_result result = SEND_DONE;

	if (g == NULL || g->done)
		return filter_body_next(self, r, in);
	for (const struct chain *link = in; link != NULL; link = link->next)
		g->ends |= link->buf->last_buf;
	if (chain_append_all(r->pool, &g->in, in) < 0)
		return SEND_ERROR;
	if (buf_size(g->buf) > 0) /* the socket has not taken all bytes in `out` */
		result = filter_body_next(self, r, NULL);
	g->waiting = false;
	for (size_t made = 0; result == SEND_DONE && made < BURST && has_more(g) && !g->waiting;
	     made += PIECE) {
		struct chain out = {g->buf, NULL};

		if (compress_some(r, g) < 0)
			return SEND_ERROR;
		if (buf_size(g->buf) > 0 || g->done)
			result = filter_body_next(self, r, &out);
	}
	r->held |= has_more(g);
	return result;
}

const struct filter gzip_filter = {"gzip", head, body, &gzip_module};

#else

const struct filter gzip_filter = {"gzip", NULL, NULL, &gzip_module};

#endif

static const struct conf_range levels = {1, 9};

static const struct directive directives[] = {
    {"gzip", IN_HTTP_ALL | IN_LOCATION_IF | ARGS_1, set_on, LEVEL_LOCATION,
     SETTING(struct gzip_location, on, 0)},
    {"gzip_types", IN_HTTP_ALL | ARGS_1_MORE, mime_set_list, LEVEL_LOCATION,
     SETTING(struct gzip_location, types, 0)},
    {"gzip_comp_level", IN_HTTP_ALL | ARGS_1, conf_set_number, LEVEL_LOCATION,
     SETTING(struct gzip_location, level, 1), .extra = &levels},
    {"gzip_min_length", IN_HTTP_ALL | ARGS_1, conf_set_size, LEVEL_LOCATION,
     SETTING(struct gzip_location, min_length, 20)},
    {.name = NULL},
};

static const struct http_hooks hooks = {
    .location_size = sizeof(struct gzip_location),
};

struct module gzip_module = {
    .name = "gzip", .kind = MODULE_HTTP, .directives = directives, .hooks = &hooks};
