/*
 * ssi: pages that are put together while they are served.
 *
 *     <!--# include virtual="/menu.html?for=$arg_user" -->    file="menu.html"
 *     <!--# set var="title" value="Hello, $remote_addr" -->
 *     <!--# echo var="title" default="none" encoding="none|url|entity" -->
 *     <!--# if expr="$title = /^Hello/" --> ... <!--# elif expr="..." --> ... <!--# else --> ...
 *     <!--# endif -->
 *     <!--# config errmsg="sorry" timefmt="%H:%M" -->
 *
 * What is included runs as a subrequest, all of them at once, and comes where
 * it belongs (subrequest.h). What is wrong becomes errmsg, and the page goes on.
 */
#include "http/ssi.h"
#include "http/core.h"
#include "http/ssi_value.h"
#include "http/subrequest.h"
#include "http/uri.h"
#include "io/file.h"

extern struct module ssi_module;

enum { NESTED_MAX = 16, PIECE = 32768 };

struct ssi_location {
	int on, silent;
	struct pool_list *types; /* see mime_is_in */
};

struct branch {
	bool outer; /* text outside the `if` is shown */
	bool taken; /* one of its branches was, or is */
	bool shown; /* the branch we are in */
};

struct page {
	struct ssi_scanner scanner;
	struct ssi_scope scope;
	struct str error_message;
	struct branch branches[NESTED_MAX];
	size_t depth;      /* how many of them we are in */
	struct chain *out; /* what is ready for the next filter */
};

/* ---- the page's output */

static bool is_shown(const struct page *p)
{
	return p->depth == 0 || p->branches[p->depth - 1].shown;
}

static int add_text(struct request *r, struct page *p, struct str text)
{
	return text.len > 0 ? chain_append(r->pool, &p->out, buf_memory(r->pool, text)) : 0;
}

static int add_error(struct request *r, struct page *p)
{
	const struct ssi_location *l = request_section(r, LEVEL_LOCATION, &ssi_module);

	return l->silent || !is_shown(p) ? 0 : add_text(r, p, p->error_message);
}

static int fail(struct request *r, struct page *p, const char *problem, struct str what)
{
	request_log(r, LOG_ERROR, "%s \"%.*s\" in an SSI command", problem, STR_ARGS(what));
	return add_error(r, p);
}

static enum send_result pass_on(const struct filter *const *self, struct request *r, struct page *p)
{
	struct chain *out = p->out;

	p->out = NULL;
	return filter_body_next(self, r, out);
}

/* ---- commands: 0, or -1 when the response cannot go on */

struct call {
	const struct filter *const *self;
	struct request *r;
	struct page *page;
	const struct ssi_command *command;
};

static const struct str *parameter(const struct call *c, const char *name)
{
	return ssi_parameter(c->command, str_from(name));
}

/* "menu.html" in "/dir/page.html" is "/dir/menu.html" */
static bool resolve(const struct request *r, struct str reference, struct str *uri,
		    struct str *args)
{
	const char *mark = memchr(reference.data, '?', reference.len);
	const char *end = reference.data + reference.len;
	struct str path = str_between(reference.data, mark != NULL ? mark : end);
	size_t folder = r->uri.len;
	char *text, *to;

	*args = mark != NULL ? str_between(mark + 1, end) : STR_NONE;
	while (folder > 0 && r->uri.data[folder - 1] != '/')
		folder--;
	to = text = pool_bytes(r->pool, 3 * folder + path.len);
	if (text == NULL || path.len == 0)
		return false;
	if (path.data[0] != '/')
		to = put_escaped(to, (struct str){r->uri.data, folder}, URI_PATH);
	path = str_between(text, put_str(to, path));
	to = pool_bytes(r->pool, path.len);
	return to != NULL && uri_normalise(path, true, to, uri);
}

static int run_include(const struct call *c)
{
	const struct str *file = parameter(c, "file"), *virtual = parameter(c, "virtual");
	struct str reference, uri, args;
	struct request *r = c->r;

	if ((file == NULL) == (virtual == NULL))
		return fail(r, c->page, "one of file and virtual must be in", c->command->name);
	if (!ssi_expand(&c->page->scope, file != NULL ? *file : *virtual, &reference) ||
	    (file != NULL && !uri_is_safe(reference)) || !resolve(r, reference, &uri, &args))
		return fail(r, c->page, "invalid URI in", c->command->name);
	/* what comes before it must be in the queue before it is */
	if (pass_on(c->self, r, c->page) == SEND_ERROR)
		return -1;
	return subrequest_create(r, uri, args, NULL, NULL) != NULL ? 0 : add_error(r, c->page);
}

static struct str as_entities(struct pool *p, struct str text)
{
	char *start = pool_bytes(p, 6 * text.len + 1), *to = start;

	for (size_t i = 0; start != NULL && i < text.len; i++) {
		switch (text.data[i]) {
		case '<':
			to = put_str(to, STR("&lt;"));
			break;
		case '>':
			to = put_str(to, STR("&gt;"));
			break;
		case '&':
			to = put_str(to, STR("&amp;"));
			break;
		case '"':
			to = put_str(to, STR("&quot;"));
			break;
		default:
			*to++ = text.data[i];
		}
	}
	return (struct str){start, (size_t)(to - start)};
}

static struct str as_url(struct pool *p, struct str text)
{
	char *start = pool_bytes(p, 3 * text.len + 1);

	if (start == NULL)
		return (struct str){NULL, 0};
	return str_between(start, put_escaped(start, text, URI_PATH));
}

static int run_echo(const struct call *c)
{
	const struct str *var = parameter(c, "var"), *otherwise = parameter(c, "default");
	const struct str *encoding = parameter(c, "encoding");
	struct str value;

	if (var == NULL)
		return fail(c->r, c->page, "there is no var in", c->command->name);
	if (!ssi_get(&c->page->scope, *var, &value)) {
		value = otherwise != NULL ? *otherwise : STR("(none)");
		value = pool_str(c->r->pool, value);
	}
	if (encoding == NULL || str_equal(*encoding, STR("entity")))
		value = as_entities(c->r->pool, value);
	else if (str_equal(*encoding, STR("url")))
		value = as_url(c->r->pool, value);
	else if (!str_equal(*encoding, STR("none")))
		return fail(c->r, c->page, "unknown encoding", *encoding);
	return value.data != NULL ? add_text(c->r, c->page, value) : -1;
}

static int run_set(const struct call *c)
{
	const struct str *var = parameter(c, "var"), *text = parameter(c, "value");
	struct str value;

	if (var == NULL || text == NULL || var->len == 0)
		return fail(c->r, c->page, "var and value must be in", c->command->name);
	if (!ssi_expand(&c->page->scope, *text, &value))
		return fail(c->r, c->page, "invalid value", *text);
	return ssi_set(&c->page->scope, *var, value);
}

static int run_config(const struct call *c)
{
	const struct str *message = parameter(c, "errmsg"), *format = parameter(c, "timefmt");
	struct page *p = c->page;

	if (message != NULL)
		p->error_message = pool_str(c->r->pool, *message);
	if (format != NULL)
		p->scope.time_format = pool_str(c->r->pool, *format);
	return p->error_message.data != NULL && p->scope.time_format.data != NULL ? 0 : -1;
}

/* Within text that is not shown nothing is computed; a condition that is wrong does not hold. */
static int choose(const struct call *c, struct branch *b)
{
	const struct str *expression = parameter(c, "expr");

	b->shown = false;
	if (!b->outer || b->taken)
		return 0;
	if (expression == NULL || !ssi_test(&c->page->scope, *expression, &b->shown)) {
		b->shown = true; /* for its error message alone */
		if (fail(c->r, c->page, "invalid condition in", c->command->name) < 0)
			return -1;
		b->shown = false;
	}
	b->taken = b->shown;
	return 0;
}

static int run_if(const struct call *c)
{
	struct page *p = c->page;
	bool outer = is_shown(p);

	if (p->depth == NESTED_MAX)
		return fail(c->r, p, "too many conditions inside each other:", c->command->name);
	p->branches[p->depth++] = (struct branch){.outer = outer};
	return choose(c, &p->branches[p->depth - 1]);
}

static int run_elif(const struct call *c)
{
	if (c->page->depth == 0)
		return fail(c->r, c->page, "no \"if\" is open for", c->command->name);
	return choose(c, &c->page->branches[c->page->depth - 1]);
}

static int run_else(const struct call *c)
{
	struct branch *b;

	if (c->page->depth == 0)
		return fail(c->r, c->page, "no \"if\" is open for", c->command->name);
	b = &c->page->branches[c->page->depth - 1];
	b->shown = b->outer && !b->taken;
	b->taken = true;
	return 0;
}

static int run_endif(const struct call *c)
{
	if (c->page->depth == 0)
		return fail(c->r, c->page, "no \"if\" is open for", c->command->name);
	c->page->depth--;
	return 0;
}

static const struct {
	const char *name;
	int (*run)(const struct call *c);
	bool always; /* even in text that is not shown */
} commands[] = {
    {"include", run_include, false}, {"echo", run_echo, false},  {"set", run_set, false},
    {"config", run_config, false},   {"if", run_if, true},       {"elif", run_elif, true},
    {"else", run_else, true},        {"endif", run_endif, true},
};

static int run_command(const struct filter *const *self, struct request *r, struct page *p,
		       struct str text)
{
	struct ssi_command command;
	struct call call = {self, r, p, &command};

	if (!ssi_parse_command(text, &command))
		return fail(r, p, "cannot read", text);
	for (size_t i = 0; i < COUNT_OF(commands); i++)
		if (str_equal(command.name, str_from(commands[i].name)))
			return commands[i].always || is_shown(p) ? commands[i].run(&call) : 0;
	return is_shown(p) ? fail(r, p, "unknown command", command.name) : 0;
}

/* ---- the filter */

/* A page and what it includes know the same variables: they are the main request's. */
static struct ssi_variables *variables_of(struct request *main)
{
	struct page *p = request_context(main, &ssi_module);

	return p != NULL ? p->scope.variables : NULL;
}

static int page_create(struct request *r)
{
	struct page *p = pool_zalloc(r->pool, sizeof(*p));

	if (p == NULL || request_set_context(r, &ssi_module, p) < 0)
		return -1;
	p->scanner.command = pool_bytes(r->pool, SSI_COMMAND_MAX);
	p->scope.r = r;
	p->scope.variables = variables_of(r->main);
	if (p->scope.variables == NULL)
		p->scope.variables = pool_zalloc(r->pool, sizeof(*p->scope.variables));
	p->scope.time_format = STR("%A, %d-%b-%Y %H:%M:%S %Z");
	p->error_message = STR("[an error occurred while processing the directive]");
	return p->scanner.command != NULL && p->scope.variables != NULL ? 0 : -1;
}

static enum send_result head(const struct filter *const *self, struct request *r)
{
	const struct ssi_location *l = request_section(r, LEVEL_LOCATION, &ssi_module);

	if (!l->on || r->out.length == 0 || !mime_is_in(l->types, r->out.content_type) ||
	    header_find(&r->out.headers, STR("Content-Encoding"), 0) != NULL)
		return filter_head_next(self, r);
	if (!r->out.no_body && page_create(r) < 0)
		return SEND_ERROR;
	response_forget_length(&r->out);
	response_forget_validators(&r->out);
	return filter_head_next(self, r);
}

static int scan(const struct filter *const *self, struct request *r, struct page *p,
		struct str input)
{
	enum ssi_found found;
	struct str piece;
	int result = 0;

	while (result == 0 && (found = ssi_scan(&p->scanner, &input, &piece)) != SSI_NOTHING) {
		if (found == SSI_COMMAND)
			result = run_command(self, r, p, piece);
		else if (found == SSI_TOO_LONG)
			result = fail(r, p, "no end of", STR("<!--#"));
		else if (is_shown(p))
			result = add_text(r, p, piece);
	}
	return result;
}

/* The text goes on as pieces of this memory, so it has to stay. */
static int scan_file(const struct filter *const *self, struct request *r, struct page *p,
		     struct buf *b)
{
	while (buf_size(b) > 0) {
		size_t size = buf_size(b) < PIECE ? (size_t)buf_size(b) : PIECE;
		char *text = pool_bytes(r->pool, size);

		if (text == NULL || file_read_at(b->fd, text, size, b->file_pos) != (ssize_t)size)
			return -1;
		b->file_pos += (off_t)size;
		if (scan(self, r, p, (struct str){text, size}) < 0)
			return -1;
	}
	return 0;
}

static int scan_buf(const struct filter *const *self, struct request *r, struct page *p,
		    struct buf *b)
{
	struct str text = {b->pos, (size_t)buf_size(b)};

	if (buf_in_file(b))
		return scan_file(self, r, p, b);
	if (b->recycled) /* its owner wants it back before we are done */
		text = pool_str(r->pool, text);
	b->pos = b->last;
	return text.data != NULL || text.len == 0 ? scan(self, r, p, text) : -1;
}

static int end_page(struct request *r, struct page *p)
{
	if (p->scanner.in_command && fail(r, p, "no end of", STR("<!--#")) < 0)
		return -1;
	p->scanner.in_command = false;
	return is_shown(p) ? add_text(r, p, ssi_rest(&p->scanner)) : 0;
}

/* What the buf said besides its bytes. */
static int add_mark(struct request *r, struct page *p, const struct buf *b)
{
	struct buf *mark;

	if (!b->last_buf && !b->last_in_chain && !b->flush)
		return 0;
	mark = buf_mark(r->pool);
	if (mark == NULL)
		return -1;
	mark->last_buf = b->last_buf;
	mark->last_in_chain = b->last_in_chain;
	mark->flush = b->flush;
	return chain_append(r->pool, &p->out, mark);
}

static enum send_result body(const struct filter *const *self, struct request *r, struct chain *in)
{
	struct page *p = request_context(r, &ssi_module);

	if (p == NULL || in == NULL)
		return filter_body_next(self, r, in);
	for (; in != NULL; in = in->next) {
		struct buf *b = in->buf;

		if (scan_buf(self, r, p, b) < 0 ||
		    ((b->last_buf || b->last_in_chain) && end_page(r, p) < 0) ||
		    add_mark(r, p, b) < 0)
			return SEND_ERROR;
	}
	return pass_on(self, r, p);
}

const struct filter ssi_filter = {"ssi", head, body};

/* ---- its directives */

static void *create_location(struct conf *cf)
{
	struct ssi_location *l = pool_zalloc(cf->pool, sizeof(*l));

	if (l != NULL)
		l->on = l->silent = CONF_UNSET;
	return l;
}

static int merge_location(struct conf *cf, void *outer, void *inner)
{
	struct ssi_location *o = outer, *i = inner;

	(void)cf;
	conf_inherit_int(&i->on, o->on, 0);
	conf_inherit_int(&i->silent, o->silent, 0);
	CONF_INHERIT_PTR(i->types, o->types, NULL);
	return 0;
}

static const struct directive directives[] = {
    {"ssi", IN_HTTP_ALL | IN_LOCATION_IF | ARGS_1, conf_set_flag, LEVEL_LOCATION,
     offsetof(struct ssi_location, on), NULL},
    {"ssi_silent_errors", IN_HTTP_ALL | ARGS_1, conf_set_flag, LEVEL_LOCATION,
     offsetof(struct ssi_location, silent), NULL},
    {"ssi_types", IN_HTTP_ALL | ARGS_1_MORE, mime_set_list, LEVEL_LOCATION,
     offsetof(struct ssi_location, types), NULL},
    {.name = NULL},
};

static const struct http_hooks hooks = {.create_location = create_location,
					.merge_location = merge_location};

struct module ssi_module = {
    .name = "ssi", .kind = MODULE_HTTP, .directives = directives, .hooks = &hooks};
