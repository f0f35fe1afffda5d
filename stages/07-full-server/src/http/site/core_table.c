/*
 * This file has the table of the core's directives, with their defaults.
 */
#include "conf/logfile.h"
#include "http/site/core.h"
#include "http/site/server.h"

/* The default types that get a charset. text/html is not in this list, because mime_is_in
 * always accepts it. */
static struct str charset_types_names[] = {{"text/xml", 8},
					   {"text/plain", 10},
					   {"text/vnd.wap.wml", 16},
					   {"application/javascript", 22},
					   {"application/rss+xml", 19}};
static struct pool_list charset_types_default = {.items = charset_types_names,
						 .count = COUNT_OF(charset_types_names)};

static int merge_location(struct conf *cf, void *outer, void *inner)
{
	struct core_location *o = outer, *i = inner;

	if (i->root == NULL) {
		i->root = o->root;
		i->alias = o->alias;
		/* the alias replaces the prefix of the location that sets the alias, so this
		 * location is inherited, too */
		if (i->alias)
			i->location = o->location;
	}
	if (i->root == NULL)
		i->root = template_compile(cf, conf_path(cf, STR("html")));
	if (i->types == NULL)
		i->types = mime_default(cf);
	if (i->charset_types == NULL)
		i->charset_types = &charset_types_default;
	return i->root != NULL && i->types != NULL ? 0 : -1;
}

const struct http_hooks http_core_hooks = {
    .server_size = sizeof(struct server_rules),
    .location_size = sizeof(struct core_location),
    .merge_location = merge_location,
};

static int set_root(struct conf *cf, const struct directive *d, void *section)
{
	struct core_location *l = section;
	struct str path = cf->args[1];

	if (l->root != NULL)
		return str_equal(str_from(d->name), STR("alias")) == l->alias
			   ? conf_duplicate(cf)
			   : conf_fail(cf, "\"root\" and \"alias\" cannot stand together");
	l->alias = str_equal(str_from(d->name), STR("alias"));
	if (l->alias && l->location != NULL && l->location->kind == LOCATION_NAMED)
		return conf_fail(cf,
				 "the \"alias\" directive cannot be used inside a named location");
	/* the slash at the end is removed, because the URI begins with a slash */
	if (!l->alias && path.len > 1 && str_ends(path, STR("/")))
		path.len--;
	if (!str_starts(path, STR("$")))
		path = conf_path(cf, path);
	l->root = template_compile(cf, path);
	return l->root != NULL ? 0 : -1;
}

static int set_error_log(struct conf *cf, const struct directive *d, void *section)
{
	return logfile_add_error_log(cf, &((struct core_location *)section)->error_log);
}

static const struct conf_name tokens_names[] = {
    {"off", TOKENS_OFF}, {"on", TOKENS_ON}, {"build", TOKENS_BUILD}, {NULL, 0}};

#define SERVER_ROW(name, set, member, otherwise)                                                   \
	{                                                                                          \
		name, IN_HTTP | IN_SERVER | ARGS_1, set, LEVEL_SERVER,                             \
		    SETTING(struct server_rules, member, otherwise)                                \
	}
#define ROW(name, where, set, member, otherwise)                                                   \
	name, IN_HTTP_ALL | (where), set, LEVEL_LOCATION,                                          \
	    SETTING(struct core_location, member, otherwise)

const struct directive http_core_directives[] = {
    {"http", IN_MAIN | BLOCK | ARGS_0, core_open_http, LEVEL_MAIN},
    {"server", IN_HTTP | BLOCK | ARGS_0, core_open_server, LEVEL_MAIN},
    {"location", IN_SERVER | IN_LOCATION | BLOCK | ARGS_1_2, core_open_location, LEVEL_LOCATION},
    {"listen", IN_SERVER | ARGS_1_MORE, server_set_listen, LEVEL_SERVER},
    {"server_name", IN_SERVER | ARGS_1_MORE, server_set_name, LEVEL_SERVER},
    SERVER_ROW("request_pool_size", conf_set_size, request_pool_size, POOL_BLOCK),
    SERVER_ROW("connection_pool_size", conf_set_size, connection_pool_size, 512),
    SERVER_ROW("merge_slashes", conf_set_flag, merge_slashes, 1),

    {"root", IN_HTTP_ALL | IN_LOCATION_IF | ARGS_1, set_root, LEVEL_LOCATION},
    {"alias", IN_LOCATION | ARGS_1, set_root, LEVEL_LOCATION},
    {ROW("types", BLOCK | ARGS_0, mime_set_types, types, 0)},
    {ROW("default_type", ARGS_1, conf_set_str, default_type, 0), .extra = "text/plain"},
    {ROW("charset", IN_LOCATION_IF | ARGS_1, conf_set_template, charset, 0)},
    {ROW("charset_types", ARGS_1_MORE, mime_set_list, charset_types, 0)},
    {ROW("error_log", ARGS_1_2, set_error_log, error_log, 0)},
    {ROW("client_max_body_size", ARGS_1, conf_set_offset, body_max_size, 1 << 20)},
    {ROW("max_ranges", ARGS_1, conf_set_number, max_ranges, INT64_MAX)},
    {ROW("server_tokens", ARGS_1, conf_set_enum, server_tokens, TOKENS_ON), .extra = tokens_names},
    {.name = NULL},
};
