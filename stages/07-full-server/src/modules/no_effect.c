/*
 * no_effect: directives of nginx that change no answer of this server. Many configurations
 * contain them, so they are accepted. A warning contains the line and the reason.
 *
 * A directive that would change an answer must not be in this list. Such a directive is an
 * error until the server implements it.
 */
#include "conf/conf.h"

extern struct module no_effect_module;

/* `extra` contains the reason. */
static int ignore(struct conf *cf, const struct directive *d, void *section)
{
	conf_warn(cf, "\"%s\" has no effect: %s", d->name, (const char *)d->extra);
	return 0;
}

/* epoll is the only method of this server, so `use epoll` needs no warning. */
static int set_use(struct conf *cf, const struct directive *d, void *section)
{
	if (str_equal(cf->args[1], STR("epoll")))
		return 0;
	return conf_fail(cf, "invalid event type \"%.*s\": this server has epoll alone",
			 STR_ARGS(cf->args[1]));
}

static const char tables[] = "tables grow as they are filled";
static const char tls[] = "this server has no TLS";
static const char loadable[] = "this server has no modules that can be loaded";
static const char posix[] = "patterns are matched by the C library";
static const char clock[] = "the time is taken once a turn of the loop";
static const char process[] = "the workers are as the starter of the server made them";
static const char gzip[] =
    "only HTTP/1.1 clients that no proxy stands before get compressed answers";
static const char buffers[] = "buffers have fixed sizes";
static const char body[] = "a body is always one piece of memory, or a file";
static const char files[] = "log files stay open";
static const char names[] = "this server asks no other one";

#define IN_WHERE(name, where, args, why)                                                           \
	{                                                                                          \
		name, (where) | (args), ignore, LEVEL_MAIN, .extra = why                           \
	}
#define MAIN(name, args, why)   IN_WHERE(name, IN_MAIN, args, why)
#define EVENTS(name, args, why) IN_WHERE(name, IN_EVENTS, args, why)
#define HTTP(name, args, why)   IN_WHERE(name, IN_HTTP, args, why)
#define SERVER(name, args, why) IN_WHERE(name, IN_HTTP | IN_SERVER, args, why)
#define ALL(name, args, why)    IN_WHERE(name, IN_HTTP_ALL, args, why)

static const struct directive directives[] = {
    MAIN("load_module", ARGS_1, loadable),
    MAIN("pcre_jit", ARGS_1, posix),
    MAIN("timer_resolution", ARGS_1, clock),
    MAIN("worker_priority", ARGS_1, process),
    MAIN("worker_rlimit_core", ARGS_1, process),
    MAIN("working_directory", ARGS_1, process),
    MAIN("env", ARGS_1, process),
    {"use", IN_EVENTS | ARGS_1, set_use, LEVEL_MAIN},

    ALL("types_hash_max_size", ARGS_1, tables),
    ALL("types_hash_bucket_size", ARGS_1, tables),
    HTTP("server_names_hash_max_size", ARGS_1, tables),
    HTTP("server_names_hash_bucket_size", ARGS_1, tables),
    HTTP("variables_hash_max_size", ARGS_1, tables),
    HTTP("variables_hash_bucket_size", ARGS_1, tables),
    HTTP("map_hash_max_size", ARGS_1, tables),
    HTTP("map_hash_bucket_size", ARGS_1, tables),

    SERVER("ssl_protocols", ARGS_1_MORE, tls),
    SERVER("ssl_ciphers", ARGS_1, tls),
    SERVER("ssl_prefer_server_ciphers", ARGS_1, tls),
    SERVER("ssl_session_cache", ARGS_1_2, tls),
    SERVER("ssl_session_timeout", ARGS_1, tls),
    SERVER("ssl_session_tickets", ARGS_1, tls),
    SERVER("ssl_buffer_size", ARGS_1, tls),
    SERVER("ssl_dhparam", ARGS_1, tls),
    SERVER("ssl_ecdh_curve", ARGS_1, tls),
    SERVER("ssl_early_data", ARGS_1, tls),
    SERVER("ssl_stapling", ARGS_1, tls),
    SERVER("ssl_stapling_verify", ARGS_1, tls),

    ALL("client_body_in_single_buffer", ARGS_1, body),
    ALL("gzip_proxied", ARGS_1_MORE, gzip),
    ALL("gzip_http_version", ARGS_1, gzip),
    ALL("gzip_disable", ARGS_1_MORE, gzip),
    ALL("gzip_buffers", ARGS_2, buffers),
    ALL("output_buffers", ARGS_2, buffers),
    ALL("open_log_file_cache", ARGS_ANY, files),
    ALL("resolver", ARGS_1_MORE, names),
    ALL("resolver_timeout", ARGS_1, names),
    {.name = NULL},
};

struct module no_effect_module = {
    .name = "no_effect", .kind = MODULE_CORE, .directives = directives};
