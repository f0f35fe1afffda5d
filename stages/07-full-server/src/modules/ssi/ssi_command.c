#include "modules/ssi/ssi_command.h"

#include "base/escape.h"
#include "http/message/uri.h"
#include "http/request/filter.h"
#include "modules/ssi/ssi_include.h"

struct call {
	struct ssi_page *page;
	const struct ssi_command *command;
};

static const struct str *parameter(const struct call *c, const char *name)
{
	return ssi_parameter(c->command, str_from(name));
}

static int run_include(const struct call *c)
{
	return ssi_include_run(c->page, c->command);
}

static struct str as_entities(struct pool *p, struct str text)
{
	char *start = pool_bytes(p, ESCAPED_MAX * text.len + 1);

	if (start == NULL)
		return (struct str){NULL, 0};
	return str_between(start, put_html(start, text));
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
		return ssi_page_fail(c->page, "there is no var in", c->command->name);
	if (!ssi_get(&c->page->scope, *var, &value)) {
		value = otherwise != NULL ? *otherwise : STR("(none)");
		value = pool_str(c->page->r->pool, value);
	}
	if (encoding == NULL || str_equal(*encoding, STR("entity")))
		value = as_entities(c->page->r->pool, value);
	else if (str_equal(*encoding, STR("url")))
		value = as_url(c->page->r->pool, value);
	else if (!str_equal(*encoding, STR("none")))
		return ssi_page_fail(c->page, "unknown encoding", *encoding);
	return value.data != NULL ? ssi_page_add(c->page, value) : -1;
}

static int run_set(const struct call *c)
{
	const struct str *var = parameter(c, "var"), *text = parameter(c, "value");
	struct str value;

	if (var == NULL || text == NULL || var->len == 0)
		return ssi_page_fail(c->page, "var and value must be in", c->command->name);
	if (!ssi_expand(&c->page->scope, *text, &value))
		return ssi_page_fail(c->page, "invalid value", *text);
	return ssi_set(&c->page->scope, *var, value);
}

static int run_config(const struct call *c)
{
	const struct str *message = parameter(c, "errmsg"), *format = parameter(c, "timefmt");
	struct ssi_page *p = c->page;

	if (message != NULL)
		p->error_message = pool_str(c->page->r->pool, *message);
	if (format != NULL)
		p->scope.time_format = pool_str(c->page->r->pool, *format);
	return p->error_message.data != NULL && p->scope.time_format.data != NULL ? 0 : -1;
}

/* Computes the condition of a branch. In text that is not shown, no condition is computed. A
 * condition with an error is false. */
static int choose(const struct call *c, struct ssi_branch *b)
{
	const struct str *expression = parameter(c, "expr");

	b->shown = false;
	if (!b->outer || b->taken)
		return 0;
	if (expression == NULL || !ssi_test(&c->page->scope, *expression, &b->shown)) {
		b->shown = true; /* so that the error message is shown */
		if (ssi_page_fail(c->page, "invalid condition in", c->command->name) < 0)
			return -1;
		b->shown = false;
	}
	b->taken = b->shown;
	return 0;
}

static int run_if(const struct call *c)
{
	struct ssi_page *p = c->page;
	bool outer = ssi_page_is_shown(p);

	if (p->depth == SSI_NESTED_MAX)
		return ssi_page_fail(p, "too many conditions inside each other:", c->command->name);
	p->branches[p->depth++] = (struct ssi_branch){.outer = outer};
	return choose(c, &p->branches[p->depth - 1]);
}

static int run_elif(const struct call *c)
{
	if (c->page->depth == 0)
		return ssi_page_fail(c->page, "no \"if\" is open for", c->command->name);
	return choose(c, &c->page->branches[c->page->depth - 1]);
}

static int run_else(const struct call *c)
{
	struct ssi_branch *b;

	if (c->page->depth == 0)
		return ssi_page_fail(c->page, "no \"if\" is open for", c->command->name);
	b = &c->page->branches[c->page->depth - 1];
	b->shown = b->outer && !b->taken;
	b->taken = true;
	return 0;
}

static int run_endif(const struct call *c)
{
	if (c->page->depth == 0)
		return ssi_page_fail(c->page, "no \"if\" is open for", c->command->name);
	c->page->depth--;
	return 0;
}

static int run_block(const struct call *c)
{
	struct ssi_page *p = c->page;
	const struct str *name = parameter(c, "name");
	struct ssi_block *b;

	if (name == NULL || p->block != NULL)
		return ssi_page_fail(p, "without a name, or inside another:", c->command->name);
	b = pool_zalloc(p->r->pool, sizeof(*b));
	if (b == NULL)
		return -1;
	b->name = pool_str(p->r->pool, *name);
	b->next = p->blocks; /* the search finds the newest block with a name first */
	p->block = p->blocks = b;
	return b->name.data != NULL ? 0 : -1;
}

static int run_endblock(const struct call *c)
{
	if (c->page->block == NULL)
		return ssi_page_fail(c->page, "no block is open for", c->command->name);
	c->page->block = NULL;
	return 0;
}

static const struct {
	const char *name;
	int (*run)(const struct call *c);
	bool always; /* the command is also executed in text that is not shown */
} commands[] = {
    {"include", run_include, false},   {"echo", run_echo, false},  {"set", run_set, false},
    {"config", run_config, false},     {"if", run_if, true},       {"elif", run_elif, true},
    {"else", run_else, true},          {"endif", run_endif, true}, {"block", run_block, false},
    {"endblock", run_endblock, false},
};

int ssi_command_run(struct ssi_page *p, struct str text)
{
	struct ssi_command command;
	struct call call = {p, &command};

	if (!ssi_parse_command(text, &command))
		return ssi_page_fail(p, "cannot read", text);
	for (size_t i = 0; i < COUNT_OF(commands); i++)
		if (str_equal(command.name, str_from(commands[i].name)))
			return commands[i].always || ssi_page_is_shown(p) ? commands[i].run(&call)
									  : 0;
	return ssi_page_is_shown(p) ? ssi_page_fail(p, "unknown command", command.name) : 0;
}
