#include "modules/ssi/ssi_include.h"

#include "http/answer/subrequest.h"
#include "http/message/uri.h"
#include "http/request/filter.h"

struct include {
	struct ssi_page *page;
	struct str variable;          /* empty means that the body is not kept */
	const struct ssi_block *stub; /* NULL means that there is no stub */
	bool waited_for;
	bool failed, shown; /* the result of the included request */
};

/* Makes an absolute URI: "menu.html" in "/dir/page.html" becomes "/dir/menu.html". */
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

/* Sends new bufs with the bytes of the block, because a page may use a block several times. */
static void send_stub(const struct include *i, struct request *sub)
{
	struct chain *copy = NULL;

	for (const struct chain *link = i->stub->content; link != NULL; link = link->next) {
		struct buf *b = buf_memory(sub->pool, str_between(link->buf->pos, link->buf->last));

		sub->failed |= chain_append(sub->pool, &copy, b) < 0;
	}
	if (filter_body_next(i->page->filter, sub, copy) == SEND_ERROR)
		sub->failed = true;
}

static void on_done(struct request *sub, void *data)
{
	struct include *i = data;

	if (i->variable.len > 0 && sub->out.status < 300 &&
	    ssi_set(&i->page->scope, i->variable, sub->sub->kept) < 0)
		sub->failed = true;
	if (i->stub != NULL && (i->failed || !i->shown))
		send_stub(i, sub);
	if (!i->waited_for)
		return;
	i->page->waits = false;
	if (filter_body(sub->sub->parent, NULL) == SEND_ERROR)
		sub->sub->parent->failed = true;
}

static struct include *include_of(const struct request *r)
{
	return r->sub != NULL && r->sub->on_done == on_done ? r->sub->data : NULL;
}

void ssi_include_sees_head(struct request *r)
{
	struct include *i = include_of(r);

	if (i != NULL)
		i->failed = r->out.status >= 300;
}

bool ssi_include_takes_body(struct request *r, const struct chain *in)
{
	struct include *i = include_of(r);

	if (i == NULL || i->stub == NULL)
		return true;
	i->shown |= chain_size(in) > 0;
	return !i->failed;
}

static bool find_stub(const struct ssi_page *p, struct str name, const struct ssi_block **stub)
{
	for (*stub = p->blocks; *stub != NULL; *stub = (*stub)->next)
		if (str_equal((*stub)->name, name))
			return true;
	return false;
}

/* Returns NULL when the parameters are wrong. `problem` and `what` then contain the error
 * message. */
static struct include *include_create(struct ssi_page *p, const struct ssi_command *command,
				      const char **problem, struct str *what)
{
	struct include *i = pool_zalloc(p->r->pool, sizeof(*i));
	const struct str *stub = ssi_parameter(command, STR("stub"));
	const struct str *set = ssi_parameter(command, STR("set"));
	const struct str *wait = ssi_parameter(command, STR("wait"));

	*problem = "no memory for";
	*what = command->name;
	if (i == NULL)
		return NULL;
	i->page = p;
	if (wait != NULL && !str_equal_nocase(*wait, STR("yes")) &&
	    !str_equal_nocase(*wait, STR("no"))) {
		*problem = "neither yes nor no:";
		*what = *wait;
		return NULL;
	}
	if (stub != NULL && set != NULL) {
		*problem = "stub and set cannot both be in";
		return NULL;
	}
	if (stub != NULL && !find_stub(p, *stub, &i->stub)) {
		*problem = "there is no block";
		*what = *stub;
		return NULL;
	}
	i->waited_for = set != NULL || (wait != NULL && str_equal_nocase(*wait, STR("yes")));
	if (set != NULL)
		i->variable = pool_str(p->r->pool, *set);
	return i;
}

/* Starts the subrequest. The text before the include is passed on first, so that it comes first
 * in the response. */
static int begin(struct include *i, struct str uri, struct str args)
{
	struct ssi_page *p = i->page;
	struct request *sub;

	if (i->variable.len > 0 && ssi_set(&p->scope, i->variable, STR_NONE) < 0)
		return -1;
	if (ssi_page_pass_on(p) == SEND_ERROR)
		return -1;
	sub = subrequest_create(p->r, uri, args, on_done, i);
	if (sub == NULL)
		return ssi_page_add_error(p);
	if (i->variable.len > 0)
		subrequest_keep(sub);
	p->waits = i->waited_for;
	return 0;
}

int ssi_include_run(struct ssi_page *p, const struct ssi_command *command)
{
	const struct str *file = ssi_parameter(command, STR("file"));
	const struct str *virtual = ssi_parameter(command, STR("virtual"));
	struct str reference, uri, args, what;
	const char *problem;
	struct include *i;

	if ((file == NULL) == (virtual == NULL))
		return ssi_page_fail(p, "one of file and virtual must be in", command->name);
	if (!ssi_expand(&p->scope, file != NULL ? *file : *virtual, &reference) ||
	    (file != NULL && !uri_is_safe(reference)) || !resolve(p->r, reference, &uri, &args))
		return ssi_page_fail(p, "invalid URI in", command->name);
	if (p->block != NULL)
		return ssi_page_fail(p, "a block cannot hold", command->name);
	i = include_create(p, command, &problem, &what);
	return i != NULL ? begin(i, uri, args) : ssi_page_fail(p, problem, what);
}
