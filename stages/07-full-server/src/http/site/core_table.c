/*
 * The directives of the core, their values when unset, and their defaults.
 */
#include "conf/logfile.h"
#include "conf/temp_path.h"
#include "conf/thread_pools.h"
#include "http/site/core.h"
#include "http/site/server.h"

static void *create_server(struct conf *cf)
{
	struct core_server *s = pool_alloc(cf->pool, sizeof(*s));

	if (s != NULL)
		memset(s, 0xff,
		       sizeof(*s)); /* all members are numbers, so they are CONF_UNSET now */
	return s;
}

static int merge_server(struct conf *cf, void *outer, void *inner)
{
	struct core_server *o = outer, *i = inner;

	conf_inherit(&i->client_header_timeout, o->client_header_timeout, 60000);
	conf_inherit(&i->client_header_buffer_size, o->client_header_buffer_size, 4096);
	if (i->large_buffer_count == CONF_UNSET) {
		i->large_buffer_count = o->large_buffer_count;
		i->large_buffer_size = o->large_buffer_size;
	}
	conf_inherit(&i->large_buffer_count, CONF_UNSET, 4);
	conf_inherit(&i->large_buffer_size, CONF_UNSET, 8192);
	conf_inherit(&i->max_headers, o->max_headers, 1000);
	conf_inherit(&i->request_pool_size, o->request_pool_size, POOL_BLOCK);
	conf_inherit(&i->connection_pool_size, o->connection_pool_size, 512);
	conf_inherit_int(&i->merge_slashes, o->merge_slashes, 1);
	conf_inherit_int(&i->ignore_invalid_headers, o->ignore_invalid_headers, 1);
	conf_inherit_int(&i->underscores_in_headers, o->underscores_in_headers, 0);
	return 0;
}

static void *create_location(struct conf *cf)
{
	struct core_location *l = pool_alloc(cf->pool, sizeof(*l));

	if (l == NULL)
		return NULL;
	memset(l, 0xff, sizeof(*l)); /* the numbers are CONF_UNSET now */
	l->handler = NULL;
	l->root = NULL;
	l->alias = false;
	l->location = NULL;
	l->types = NULL;
	l->error_log = NULL;
	l->charset_types = NULL;
	l->body_temp = NULL;
	l->default_type = l->post_action = (struct str){NULL, 0};
	l->charset = NULL;
	l->aio_pool = NULL;
	return l;
}

static void merge_connection(struct core_location *o, struct core_location *i)
{
	if (i->keepalive_timeout == CONF_UNSET) {
		i->keepalive_timeout = o->keepalive_timeout;
		i->keepalive_header = o->keepalive_header;
	}
	conf_inherit(&i->keepalive_timeout, CONF_UNSET, 75000);
	conf_inherit(&i->keepalive_header, CONF_UNSET, 0);
	conf_inherit(&i->keepalive_requests, o->keepalive_requests, 1000);
	conf_inherit(&i->keepalive_time, o->keepalive_time, 3600000);
	conf_inherit_int(&i->keepalive_disable, o->keepalive_disable, KEEPALIVE_DISABLE_MSIE6);
	conf_inherit_int(&i->lingering_close, o->lingering_close, LINGERING_ON);
	conf_inherit(&i->lingering_time, o->lingering_time, 30000);
	conf_inherit(&i->lingering_timeout, o->lingering_timeout, 5000);
	conf_inherit_int(&i->reset_timedout, o->reset_timedout, 0);
	conf_inherit(&i->send_timeout, o->send_timeout, 60000);
	conf_inherit_int(&i->tcp_nodelay, o->tcp_nodelay, 1);
	conf_inherit_int(&i->tcp_nopush, o->tcp_nopush, 0);
}

static void merge_body(struct core_location *o, struct core_location *i)
{
	conf_inherit(&i->body_timeout, o->body_timeout, 60000);
	conf_inherit(&i->body_buffer_size, o->body_buffer_size, 16384);
	conf_inherit(&i->body_max_size, o->body_max_size, 1 << 20);
	conf_inherit_int(&i->body_in_file, o->body_in_file, BODY_IN_FILE_OFF);
	conf_inherit_int(&i->body_in_single_buffer, o->body_in_single_buffer, 0);
}

static void merge_output(struct core_location *o, struct core_location *i)
{
	conf_inherit(&i->limit_rate, o->limit_rate, 0);
	conf_inherit(&i->limit_rate_after, o->limit_rate_after, 0);
	if (i->aio == CONF_UNSET)
		i->aio_pool = o->aio_pool;
	conf_inherit_int(&i->aio, o->aio, 0);
	conf_inherit(&i->postpone_output, o->postpone_output, CONF_UNSET);
	conf_inherit_int(&i->sendfile, o->sendfile, 1);
	conf_inherit(&i->sendfile_max_chunk, o->sendfile_max_chunk, 2 << 20);
	conf_inherit(&i->directio, o->directio, INT64_MAX);
	conf_inherit(&i->subrequest_buffer, o->subrequest_buffer, 4096);
	conf_inherit_int(&i->chunked, o->chunked, 1);
	conf_inherit_int(&i->gzip_vary, o->gzip_vary, 1);
	conf_inherit_int(&i->etag, o->etag, 1);
	conf_inherit_int(&i->if_modified, o->if_modified, IF_MODIFIED_EXACT);
	conf_inherit(&i->max_ranges, o->max_ranges, INT64_MAX);
	conf_inherit_int(&i->server_tokens, o->server_tokens, TOKENS_ON);
	conf_inherit_int(&i->absolute_redirect, o->absolute_redirect, 1);
	conf_inherit_int(&i->port_in_redirect, o->port_in_redirect, 1);
	conf_inherit_int(&i->server_name_in_redirect, o->server_name_in_redirect, 0);
	conf_inherit_int(&i->log_not_found, o->log_not_found, 1);
	conf_inherit_int(&i->satisfy, o->satisfy, SATISFY_ALL);
	conf_inherit_int(&i->msie_refresh, o->msie_refresh, 0);
	conf_inherit_str(&i->post_action, o->post_action, STR_NONE);
	/* not inherited: each location has its own `internal` */
	conf_inherit_int(&i->internal, CONF_UNSET, 0);
}

/* text/html is in each of these lists */
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
		/* an alias replaces the prefix of its location */
		if (i->alias)
			i->location = o->location;
	}
	if (i->root == NULL)
		i->root = template_compile(cf, conf_path(cf, STR("html")));
	CONF_INHERIT_PTR(i->types, o->types, mime_default(cf));
	CONF_INHERIT_PTR(i->error_log, o->error_log, NULL);
	conf_inherit_str(&i->default_type, o->default_type, STR("text/plain"));
	CONF_INHERIT_PTR(i->charset, o->charset, NULL);
	CONF_INHERIT_PTR(i->charset_types, o->charset_types, &charset_types_default);
	merge_connection(o, i);
	CONF_INHERIT_PTR(i->body_temp, o->body_temp,
			 temp_path_default(cf, STR("client_body_temp")));
	merge_body(o, i);
	merge_output(o, i);
	return i->root != NULL && i->types != NULL && i->body_temp != NULL ? 0 : -1;
}

const struct http_hooks http_core_hooks = {
    .create_server = create_server,
    .merge_server = merge_server,
    .create_location = create_location,
    .merge_location = merge_location,
};

static int set_large_buffers(struct conf *cf, const struct directive *d, void *section)
{
	struct core_server *s = section;

	if (s->large_buffer_count != CONF_UNSET)
		return conf_duplicate(cf);
	s->large_buffer_count = str_to_number(cf->args[1]);
	if (s->large_buffer_count < 1)
		return conf_bad_value(cf, cf->args[1]);
	if (!parse_size(cf->args[2], &s->large_buffer_size) || s->large_buffer_size < 64)
		return conf_bad_value(cf, cf->args[2]);
	return 0;
}

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
	if (!l->alias && path.len > 1 && str_ends(path, STR("/")))
		path.len--; /* without its slash, because the URI begins with one */
	if (!str_starts(path, STR("$")))
		path = conf_path(cf, path);
	l->root = template_compile(cf, path);
	return l->root != NULL ? 0 : -1;
}

static int set_keepalive_timeout(struct conf *cf, const struct directive *d, void *section)
{
	struct core_location *l = section;

	if (l->keepalive_timeout != CONF_UNSET)
		return conf_duplicate(cf);
	if (!parse_ms(cf->args[1], &l->keepalive_timeout))
		return conf_bad_value(cf, cf->args[1]);
	l->keepalive_header = 0;
	if (cf->arg_count == 3 && !parse_seconds(cf->args[2], &l->keepalive_header))
		return conf_bad_value(cf, cf->args[2]);
	return 0;
}

static int set_directio(struct conf *cf, const struct directive *d, void *section)
{
	struct core_location *l = section;

	if (l->directio != CONF_UNSET || !str_equal(cf->args[1], STR("off")))
		return conf_set_offset(cf, d, section);
	l->directio = INT64_MAX;
	return 0;
}

static int set_internal(struct conf *cf, const struct directive *d, void *section)
{
	if (((struct core_location *)section)->internal != CONF_UNSET)
		return conf_duplicate(cf);
	((struct core_location *)section)->internal = 1;
	return 0;
}

static int set_error_log(struct conf *cf, const struct directive *d, void *section)
{
	return logfile_add_error_log(cf, &((struct core_location *)section)->error_log);
}

/* aio off | on | threads[=pool]; the kernel's own aio is not used: `on` means threads, too. */
static int set_aio(struct conf *cf, const struct directive *d, void *section)
{
	struct core_location *l = section;
	struct str how = cf->args[1], with_name = STR("threads=");

	if (l->aio != CONF_UNSET)
		return conf_duplicate(cf);
	l->aio = !str_equal(how, STR("off"));
	if (!l->aio)
		return 0;
	if (str_equal(how, STR("on")) || str_equal(how, STR("threads")))
		l->aio_pool = thread_pools_use(cf, STR("default"));
	else if (str_starts(how, with_name) && how.len > with_name.len)
		l->aio_pool =
		    thread_pools_use(cf, str_between(how.data + with_name.len, how.data + how.len));
	else
		return conf_bad_value(cf, how);
	return l->aio_pool != NULL ? 0 : -1;
}

static const struct conf_name lingering_names[] = {
    {"off", LINGERING_OFF}, {"on", LINGERING_ON}, {"always", LINGERING_ALWAYS}, {NULL, 0}};
static const struct conf_name satisfy_names[] = {
    {"all", SATISFY_ALL}, {"any", SATISFY_ANY}, {NULL, 0}};
static const struct conf_name if_modified_names[] = {{"off", IF_MODIFIED_OFF},
						     {"exact", IF_MODIFIED_EXACT},
						     {"before", IF_MODIFIED_BEFORE},
						     {NULL, 0}};
static const struct conf_name body_file_names[] = {
    {"off", BODY_IN_FILE_OFF}, {"on", BODY_IN_FILE_ON}, {"clean", BODY_IN_FILE_CLEAN}, {NULL, 0}};
static const struct conf_name tokens_names[] = {
    {"off", TOKENS_OFF}, {"on", TOKENS_ON}, {"build", TOKENS_BUILD}, {NULL, 0}};
static const struct conf_name keepalive_disable_names[] = {{"none", KEEPALIVE_DISABLE_NONE},
							   {"msie6", KEEPALIVE_DISABLE_MSIE6},
							   {"safari", KEEPALIVE_DISABLE_SAFARI},
							   {NULL, 0}};

#define SERVER_VALUE(name, kind, member, extra)                                                    \
	{                                                                                          \
		name, IN_HTTP | IN_SERVER | ARGS_1, conf_set_##kind, LEVEL_SERVER,                 \
		    offsetof(struct core_server, member), extra                                    \
	}

#define LOCATION_VALUE(name, kind, member, extra)                                                  \
	{                                                                                          \
		name, IN_HTTP_ALL | ARGS_1, conf_set_##kind, LEVEL_LOCATION,                       \
		    offsetof(struct core_location, member), extra                                  \
	}

/* and in an `if` there */
#define IF_VALUE(name, kind, member, extra)                                                        \
	{                                                                                          \
		name, IN_HTTP_ALL | IN_LOCATION_IF | ARGS_1, conf_set_##kind, LEVEL_LOCATION,      \
		    offsetof(struct core_location, member), extra                                  \
	}

const struct directive http_core_directives[] = {
    {"http", IN_MAIN | BLOCK | ARGS_0, core_open_http, LEVEL_MAIN, 0, NULL},
    {"server", IN_HTTP | BLOCK | ARGS_0, core_open_server, LEVEL_MAIN, 0, NULL},
    {"location", IN_SERVER | IN_LOCATION | BLOCK | ARGS_1_2, core_open_location, LEVEL_LOCATION, 0,
     NULL},
    {"listen", IN_SERVER | ARGS_1_MORE, server_set_listen, LEVEL_SERVER, 0, NULL},
    {"server_name", IN_SERVER | ARGS_1_MORE, server_set_name, LEVEL_SERVER, 0, NULL},

    SERVER_VALUE("client_header_timeout", ms, client_header_timeout, NULL),
    SERVER_VALUE("client_header_buffer_size", size, client_header_buffer_size, NULL),
    {"large_client_header_buffers", IN_HTTP | IN_SERVER | ARGS_2, set_large_buffers, LEVEL_SERVER,
     0, NULL},
    SERVER_VALUE("max_headers", number, max_headers, NULL),
    SERVER_VALUE("request_pool_size", size, request_pool_size, NULL),
    SERVER_VALUE("connection_pool_size", size, connection_pool_size, NULL),
    SERVER_VALUE("merge_slashes", flag, merge_slashes, NULL),
    SERVER_VALUE("ignore_invalid_headers", flag, ignore_invalid_headers, NULL),
    SERVER_VALUE("underscores_in_headers", flag, underscores_in_headers, NULL),

    {"root", IN_HTTP_ALL | IN_LOCATION_IF | ARGS_1, set_root, LEVEL_LOCATION, 0, NULL},
    {"alias", IN_LOCATION | ARGS_1, set_root, LEVEL_LOCATION, 0, NULL},
    {"types", IN_HTTP_ALL | BLOCK | ARGS_0, mime_set_types, LEVEL_LOCATION,
     offsetof(struct core_location, types), NULL},
    LOCATION_VALUE("default_type", str, default_type, NULL),
    IF_VALUE("charset", template, charset, NULL),
    {"charset_types", IN_HTTP_ALL | ARGS_1_MORE, mime_set_list, LEVEL_LOCATION,
     offsetof(struct core_location, charset_types), NULL},
    {"error_log", IN_HTTP_ALL | ARGS_1_2, set_error_log, LEVEL_LOCATION, 0, NULL},

    {"keepalive_timeout", IN_HTTP_ALL | ARGS_1_2, set_keepalive_timeout, LEVEL_LOCATION, 0, NULL},
    LOCATION_VALUE("keepalive_requests", number, keepalive_requests, NULL),
    LOCATION_VALUE("keepalive_time", ms, keepalive_time, NULL),
    {"keepalive_disable", IN_HTTP_ALL | ARGS_1_2, conf_set_bits, LEVEL_LOCATION,
     offsetof(struct core_location, keepalive_disable), keepalive_disable_names},
    LOCATION_VALUE("lingering_close", enum, lingering_close, lingering_names),
    LOCATION_VALUE("lingering_time", ms, lingering_time, NULL),
    LOCATION_VALUE("lingering_timeout", ms, lingering_timeout, NULL),
    LOCATION_VALUE("reset_timedout_connection", flag, reset_timedout, NULL),
    LOCATION_VALUE("send_timeout", ms, send_timeout, NULL),
    LOCATION_VALUE("tcp_nodelay", flag, tcp_nodelay, NULL),
    LOCATION_VALUE("tcp_nopush", flag, tcp_nopush, NULL),

    LOCATION_VALUE("client_body_timeout", ms, body_timeout, NULL),
    LOCATION_VALUE("client_body_buffer_size", size, body_buffer_size, NULL),
    LOCATION_VALUE("client_max_body_size", offset, body_max_size, NULL),
    {"client_body_temp_path", IN_HTTP_ALL | ARGS_1 | ARGS_2 | ARGS_3 | ARGS_4, conf_set_temp_path,
     LEVEL_LOCATION, offsetof(struct core_location, body_temp), NULL},
    LOCATION_VALUE("client_body_in_file_only", enum, body_in_file, body_file_names),
    /* accepted without effect: here a body is always one piece of memory, or a file */
    LOCATION_VALUE("client_body_in_single_buffer", flag, body_in_single_buffer, NULL),

    IF_VALUE("limit_rate", size, limit_rate, NULL),
    IF_VALUE("limit_rate_after", size, limit_rate_after, NULL),
    {"aio", IN_HTTP_ALL | ARGS_1, set_aio, LEVEL_LOCATION, 0, NULL},
    LOCATION_VALUE("postpone_output", size, postpone_output, NULL),
    IF_VALUE("sendfile", flag, sendfile, NULL),
    LOCATION_VALUE("sendfile_max_chunk", size, sendfile_max_chunk, NULL),
    {"directio", IN_HTTP_ALL | ARGS_1, set_directio, LEVEL_LOCATION,
     offsetof(struct core_location, directio), NULL},
    LOCATION_VALUE("subrequest_output_buffer_size", size, subrequest_buffer, NULL),
    LOCATION_VALUE("chunked_transfer_encoding", flag, chunked, NULL),
    LOCATION_VALUE("gzip_vary", flag, gzip_vary, NULL),
    LOCATION_VALUE("etag", flag, etag, NULL),
    LOCATION_VALUE("if_modified_since", enum, if_modified, if_modified_names),
    LOCATION_VALUE("max_ranges", number, max_ranges, NULL),
    LOCATION_VALUE("server_tokens", enum, server_tokens, tokens_names),
    LOCATION_VALUE("absolute_redirect", flag, absolute_redirect, NULL),
    LOCATION_VALUE("port_in_redirect", flag, port_in_redirect, NULL),
    LOCATION_VALUE("server_name_in_redirect", flag, server_name_in_redirect, NULL),
    LOCATION_VALUE("log_not_found", flag, log_not_found, NULL),
    LOCATION_VALUE("satisfy", enum, satisfy, satisfy_names),
    LOCATION_VALUE("msie_refresh", flag, msie_refresh, NULL),
    IF_VALUE("post_action", str, post_action, NULL),
    {"internal", IN_LOCATION | ARGS_0, set_internal, LEVEL_LOCATION, 0, NULL},
    {.name = NULL},
};
