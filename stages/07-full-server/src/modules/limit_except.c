/*
 * limit_except: gives other rules to all methods except the methods in its arguments.
 *
 *     location /dav/ {
 *         limit_except GET { allow 10.0.0.0/8; deny all; }
 *     }
 *
 * GET includes HEAD. The block is a location of its own. A request with another method enters
 * the block as soon as the location around the block is found.
 */
#include "http/request/request.h"
#include "http/site/core.h"

extern struct module limit_except_module;

struct limit_location {
	uint32_t methods;       /* the methods that do not enter the block */
	struct location *block; /* NULL means that there is no limit_except here */
};

static int take_methods(struct conf *cf, struct limit_location *l)
{
	for (uint32_t i = 1; i < cf->arg_count; i++) {
		enum method m = method_from(cf->args[i]);

		if (m == METHOD_OTHER || m == METHOD_TRACE || m == METHOD_CONNECT)
			return conf_fail(cf, "invalid method \"%.*s\"", STR_ARGS(cf->args[i]));
		l->methods |= m;
		if (m == METHOD_GET)
			l->methods |= METHOD_HEAD;
	}
	return 0;
}

static int open_block(struct conf *cf, const struct directive *d, void *section)
{
	struct location *around = cf->scope->owner;
	struct limit_location *l = section;
	struct scope scope;

	if (l->block != NULL)
		return conf_duplicate(cf);
	if (take_methods(cf, l) < 0)
		return -1;
	l->block =
	    location_open(cf, &around->inside, around, LOCATION_IMPLICIT, around->name, &scope);
	if (l->block == NULL)
		return -1;
	l->block->core->location = around;
	return conf_block(cf, IN_LIMIT_EXCEPT, &scope);
}

static enum phase_result enter(struct request *r)
{
	const struct limit_location *l = request_section(r, LEVEL_LOCATION, &limit_except_module);

	if (l->block != NULL && !(r->method & l->methods))
		request_enter(r, l->block);
	return PHASE_NEXT;
}

static int setup(struct conf *cf)
{
	return phase_add(cf, PHASE_REWRITE, enter);
}

static const struct directive directives[] = {
    {"limit_except", IN_LOCATION | BLOCK | ARGS_1_MORE, open_block, LEVEL_LOCATION},
    {.name = NULL},
};

static const struct http_hooks hooks = {
    .location_size = sizeof(struct limit_location),
    .setup_if_asked = setup,
};

struct module limit_except_module = {
    .name = "limit_except", .kind = MODULE_HTTP, .directives = directives, .hooks = &hooks};
