#include "http/request/request.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "http/site/core.h"
#include "http/site/server.h"
#include "http/wire/client.h"

void request_set_server(struct request *r, struct server *s)
{
	r->server = s;
	memcpy(r->sections, s->sections, sizeof(r->sections));
	r->location = NULL;
	r->core = core_location_of(r->sections[LEVEL_LOCATION]);
}

void request_enter(struct request *r, struct location *l)
{
	r->location = l;
	r->sections[LEVEL_LOCATION] = l->sections;
	r->core = l->core;
}

struct request *request_create(struct client *c, void (*finish)(struct request *r))
{
	struct server *s = c->point->default_server;
	struct pool *pool = pool_create((size_t)s->rules->request_pool_size);
	struct request *r = pool != NULL ? pool_zalloc(pool, sizeof(*r)) : NULL;

	if (r == NULL) {
		if (pool != NULL)
			pool_destroy(pool);
		return NULL;
	}
	r->client = c;
	r->pool = pool;
	r->http = c->point->http;
	r->main = r;
	r->finish = finish;
	r->pipelined = c->pipelined;
	r->began = now.ms;
	r->limit_rate = CONF_UNSET;
	/* An error page may be needed before the request line is read. The page needs a
	 * version. */
	r->in.line.version = HTTP_11;
	r->uri = r->args = r->in.host = STR_NONE;
	request_set_server(r, s);
	response_init(&r->out);
	return r;
}

void request_destroy(struct request *r)
{
	struct pool *pool = r->pool;

	r->client->request = NULL;
	client_wait_forever(r->client);
	pool_destroy(pool);
}

static void forget_flow(void *data)
{
	pool_destroy(data);
}

int request_open_flow(struct request *r)
{
	struct pool_cleanup *c;

	if (r->flow != NULL)
		return 0;
	c = pool_cleanup_add(r->pool, NULL);
	if (c == NULL)
		return -1;
	r->flow = c->data = pool_create(POOL_BLOCK);
	if (r->flow == NULL)
		return -1;
	c->run = forget_flow;
	return 0;
}

void request_empty_flow(struct request *r)
{
	if (r->flow != NULL)
		pool_empty(r->flow);
}

void request_abort(struct request *r)
{
	r->main->failed = true;
	client_lose(r->client);
}

/* Counts this internal redirect. Returns false if there are too many. */
static bool may_move(struct request *r)
{
	if (r->redirects++ >= REDIRECTS_MAX) {
		request_log(r, LOG_ERROR, "rewrite or internal redirection cycle to \"%.*s\"",
			    STR_ARGS(r->uri));
		return false;
	}
	r->internal = true;
	r->handler = 0;
	r->access_denied = 0;
	return true;
}

/* An internal redirect removes the contexts of the modules, as if the request were new. A
 * module with keeps_context keeps its context. */
static bool redirect_begins(struct request *r)
{
	if (!may_move(r))
		return false;
	for (uint32_t i = 0; r->contexts != NULL && i < r->http->module_count; i++)
		if (!r->http->modules[i]->keeps_context)
			r->contexts[i] = NULL;
	return true;
}

enum phase_result request_redirect(struct request *r, struct str uri, struct str args)
{
	struct server *s = r->server;

	/* uri.data is NULL if there was no memory to make the URI */
	if (uri.data == NULL || !redirect_begins(r))
		return request_refuse(r, 500);
	r->uri = uri;
	r->args = args;
	request_set_server(r, s);
	r->phase = PHASE_SERVER_REWRITE;
	return PHASE_RESTART;
}

enum phase_result request_redirect_named(struct request *r, struct str name)
{
	struct location *l = location_find_named(&r->server->locations, name);

	if (l == NULL) {
		request_log(r, LOG_ERROR, "there is no location \"%.*s\"", STR_ARGS(name));
		return request_refuse(r, 500);
	}
	if (!redirect_begins(r))
		return request_refuse(r, 500);
	request_enter(r, l);
	r->phase = PHASE_REWRITE;
	return PHASE_RESTART;
}

enum phase_result request_relocate(struct request *r)
{
	struct server *s = r->server;

	if (!may_move(r))
		return request_refuse(r, 500);
	request_set_server(r, s);
	r->phase = PHASE_FIND_LOCATION;
	return PHASE_RESTART;
}

bool request_match(struct request *r, const struct pattern *p, struct str subject)
{
	int count = pattern_match(p, subject, r->captures, CAPTURES_MAX);

	if (count > 0)
		r->capture_count = (uint32_t)count;
	else if (count < 0)
		pool_set_starved(r->pool, true);
	return count > 0;
}

void *request_context(const struct request *r, const struct module *m)
{
	return r->contexts != NULL ? r->contexts[m->index] : NULL;
}

int request_set_context(struct request *r, const struct module *m, void *context)
{
	if (r->contexts == NULL)
		r->contexts = pool_array(r->pool, r->http->module_count, sizeof(*r->contexts));
	if (r->contexts == NULL)
		return -1;
	r->contexts[m->index] = context;
	return 0;
}

static void log_with_client(const struct request *r, enum log_level level, const char *format,
			    va_list args, int error)
{
	const struct log *log = r->core->error_log != NULL ? r->core->error_log : log_main;
	char message[LOG_LINE_MAX], address[ADDRESS_TEXT], errno_text[128] = "";

	if (!log_wants(log, level))
		return;
	vsnprintf(message, sizeof(message), format, args);
	address_print(&r->client->conn->peer.any, address);
	if (error != 0)
		snprintf(errno_text, sizeof(errno_text), ": %s (%d)", strerror(error), error);
	log_write(log, level,
		  "*%llu %s%s, client: %s, server: %.*s, request: \"%.*s %.*s\"%s%.*s%s",
		  (unsigned long long)r->client->number, message, errno_text, address,
		  STR_ARGS(r->server->name), STR_ARGS(r->in.line.method_name),
		  STR_ARGS(r->in.line.target), r->in.host.len > 0 ? ", host: \"" : "",
		  STR_ARGS(r->in.host), r->in.host.len > 0 ? "\"" : "");
}

void request_log(const struct request *r, enum log_level level, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_with_client(r, level, format, args, 0);
	va_end(args);
}

void request_log_errno(const struct request *r, enum log_level level, const char *format, ...)
{
	int error = errno;
	va_list args;

	va_start(args, format);
	log_with_client(r, level, format, args, error);
	va_end(args);
}
