/*
 * ssi: a filter that executes the commands in pages of certain types. modules/ssi/ssi_page.h
 * lists the commands.
 *
 * A page may have to wait for a part that it includes. Then the rest of the page stays in `in`.
 * The page continues when the body filter is called with NULL.
 */
#include "http/request/filter.h"
#include "http/site/core.h"
#include "http/site/variable.h"
#include "io/file.h"
#include "modules/ssi/ssi_command.h"
#include "modules/ssi/ssi_include.h"

extern struct module ssi_module;

enum { PIECE = 32768 };

struct ssi_location {
	int on, silent;
	struct pool_list *types; /* see mime_is_in */
};

struct reader {
	struct ssi_scanner scanner;
	struct chain *in; /* the part of the page that is not read yet */
	struct str piece; /* the first bytes of `in`, in memory that stays valid */
	struct ssi_page page;
};

/* A page and the parts that it includes share their variables. So the variables belong to the
 * main request. */
static struct ssi_variables *variables_of(struct request *main)
{
	struct reader *x = request_context(main, &ssi_module);

	return x != NULL ? x->page.scope.variables : NULL;
}

static int reader_create(const struct filter *const *self, struct request *r, bool silent)
{
	struct reader *x = pool_zalloc(r->pool, sizeof(*x));

	if (x == NULL || request_set_context(r, &ssi_module, x) < 0)
		return -1;
	x->page.filter = self;
	x->page.silent = silent;
	x->scanner.command = pool_bytes(r->pool, SSI_COMMAND_MAX);
	return x->scanner.command != NULL ? ssi_page_init(&x->page, r, variables_of(r->main)) : -1;
}

static enum send_result head(const struct filter *const *self, struct request *r)
{
	const struct ssi_location *l = request_section(r, LEVEL_LOCATION, &ssi_module);

	ssi_include_sees_head(r);
	if (!l->on || r->out.length == 0 || !mime_is_in(l->types, r->out.content_type) ||
	    header_find(&r->out.headers, STR("Content-Encoding"), 0) != NULL)
		return filter_head_next(self, r);
	if (!request_is_head_only(r) && reader_create(self, r, l->silent) < 0)
		return SEND_ERROR;
	response_forget_length(&r->out);
	response_forget_validators(&r->out);
	return filter_head_next(self, r);
}

/* Reads the piece until its end, or until the page has to wait. */
static int read_piece(struct reader *x)
{
	struct ssi_page *p = &x->page;
	enum ssi_found found;
	struct str found_text;
	int result = 0;

	while (result == 0 && !p->waits &&
	       (found = ssi_scan(&x->scanner, &x->piece, &found_text)) != SSI_NOTHING) {
		if (found == SSI_COMMAND)
			result = ssi_command_run(p, found_text);
		else if (found == SSI_TOO_LONG)
			result = ssi_page_fail(p, "no end of", STR("<!--#"));
		else if (ssi_page_is_shown(p))
			result = ssi_page_add(p, found_text);
	}
	return result;
}

/* The next filter gets bufs that point into this memory. So the memory must stay valid. */
static int take_piece(struct reader *x, struct buf *b)
{
	size_t size = buf_in_file(b) && buf_size(b) > PIECE ? PIECE : (size_t)buf_size(b);
	char *text;

	if (!buf_in_file(b)) {
		x->piece = (struct str){b->pos, size};
		b->pos = b->last;
		return 0;
	}
	text = pool_bytes(x->page.r->pool, size);
	if (text == NULL || file_read_at(b->fd, text, size, b->file_pos) != (ssize_t)size)
		return -1;
	b->file_pos += (off_t)size;
	x->piece = (struct str){text, size};
	return 0;
}

static int end_page(struct reader *x)
{
	struct ssi_page *p = &x->page;

	if (x->scanner.in_command && ssi_page_fail(p, "no end of", STR("<!--#")) < 0)
		return -1;
	x->scanner.in_command = false;
	return ssi_page_is_shown(p) ? ssi_page_add(p, ssi_rest(&x->scanner)) : 0;
}

/* Passes on the flags of the buf: flush, last_buf and last_in_chain. */
static int end_buf(struct reader *x, const struct buf *b)
{
	struct buf *mark;

	if ((b->last_buf || b->last_in_chain) && end_page(x) < 0)
		return -1;
	if (!b->last_buf && !b->last_in_chain && !b->flush)
		return 0;
	mark = buf_mark(x->page.r->pool);
	if (mark == NULL)
		return -1;
	mark->last_buf = b->last_buf;
	mark->last_in_chain = b->last_in_chain;
	mark->flush = b->flush;
	return chain_append(x->page.r->pool, &x->page.out, mark);
}

static int read_on(struct reader *x)
{
	while (!x->page.waits) {
		if (x->piece.len > 0) {
			if (read_piece(x) < 0)
				return -1;
		} else if (x->in == NULL) {
			return 0;
		} else if (buf_size(x->in->buf) > 0) {
			if (take_piece(x, x->in->buf) < 0)
				return -1;
		} else {
			if (end_buf(x, x->in->buf) < 0)
				return -1;
			x->in = x->in->next;
		}
	}
	return 0;
}

static int take_bufs(struct reader *x, struct chain *in)
{
	struct pool *pool = x->page.r->pool;

	for (; in != NULL; in = in->next) {
		struct buf *b = in->buf;

		/* the owner needs this memory again before the page has used it, so the bytes
		 * are copied */
		if (b->recycled && buf_size(b) > 0) {
			struct str copy = pool_str(pool, str_between(b->pos, b->last));

			b->pos = b->last;
			if (copy.data == NULL ||
			    chain_append(pool, &x->in, buf_memory(pool, copy)) < 0)
				return -1;
		}
		if (chain_append(pool, &x->in, b) < 0)
			return -1;
	}
	return 0;
}

static enum send_result body(const struct filter *const *self, struct request *r, struct chain *in)
{
	struct reader *x = request_context(r, &ssi_module);

	if (!ssi_include_takes_body(r, in))
		return SEND_DONE;
	if (x == NULL)
		return filter_body_next(self, r, in);
	if (take_bufs(x, in) < 0 || read_on(x) < 0)
		return SEND_ERROR;
	return ssi_page_pass_on(&x->page);
}

const struct filter ssi_filter = {"ssi", head, body, &ssi_module};

/* ---- the directives */

static const struct directive directives[] = {
    {"ssi", IN_HTTP_ALL | IN_LOCATION_IF | ARGS_1, conf_set_flag, LEVEL_LOCATION,
     SETTING(struct ssi_location, on, 0)},
    {"ssi_silent_errors", IN_HTTP_ALL | ARGS_1, conf_set_flag, LEVEL_LOCATION,
     SETTING(struct ssi_location, silent, 0)},
    {"ssi_types", IN_HTTP_ALL | ARGS_1_MORE, mime_set_list, LEVEL_LOCATION,
     SETTING(struct ssi_location, types, 0)},
    {.name = NULL},
};

/* Outside of SSI commands, the variables have this fixed format. In a page, they have the
 * format of timefmt. */
static bool get_date(struct request *r, const struct variable *v, struct str *value)
{
	return ssi_date(r->pool, STR(SSI_TIME_FORMAT), v->data != 0, value);
}

static const struct variable_spec variables[] = {
    {"date_gmt", get_date, false, true, NULL},
    {"date_local", get_date, true, true, NULL},
    {.name = NULL},
};

static int declare(struct conf *cf)
{
	return variables_declare(cf, variables);
}

static const struct http_hooks hooks = {
    .declare = declare,
    .location_size = sizeof(struct ssi_location),
};

struct module ssi_module = {
    .name = "ssi", .kind = MODULE_HTTP, .directives = directives, .hooks = &hooks};
