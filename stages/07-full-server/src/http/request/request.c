#include "http/request/request.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "http/client/client.h"
#include "http/client/intake.h"
#include "http/client/keepalive.h"
#include "http/message/uri.h"
#include "http/request/body.h"
#include "http/request/post_action.h"
#include "http/request/subrequest.h"
#include "http/site/core.h"
#include "http/wire/output.h"

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

struct request *request_create(struct client *c)
{
	struct server *s = c->point->default_server;
	struct pool *pool = pool_create((size_t)s->core->request_pool_size);
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
	r->began = now.ms;
	r->began_wall = now.wall_ms;
	r->limit_rate = CONF_UNSET;
	r->in.line.version = HTTP_11; /* until the line is read: an error page needs a method */
	r->uri = r->args = r->in.host = STR_NONE;
	request_set_server(r, s);
	response_init(&r->out);
	return r;
}

void request_begin(struct request *r)
{
	int status = r->refusal != 0 ? r->refusal : intake_check(r);

	r->keepalive = keepalive_is_wanted(r);
	if (status != 0) {
		phase_refuse(r, status);
		return;
	}
	phase_run(r);
}

void request_destroy(struct request *r)
{
	struct pool *pool = r->pool;

	/* a connection without any byte of a request is not logged */
	if (r->in.raw_line.len > 0 || r->out.head_sent) {
		if (!r->out.head_sent && r->out.status == 200)
			r->out.status = 499; /* the client left before there was an answer */
		phase_run_log(r);
	}
	r->client->request = NULL;
	timer_stop(&r->client->conn->timer);
	pool_destroy(pool);
}

static void request_complete(struct request *r)
{
	r->on_readable = r->on_writable = NULL;
	r->on_timeout = NULL;
	client_request_done(r->client);
}

static void after_response(struct request *r)
{
	/* a response that ends early must not look whole */
	if (r->failed || (!r->ended && r->out.head_sent))
		r->keepalive = false;
	r->on_writable = NULL;
	output_uncork(r->client);
	if (post_action_begin(r))
		return;
	if (body_discard(r, request_complete))
		request_complete(r);
}

/* A filter sends what it holds in steps, so that other clients have their turn. */
static enum send_result push_on(struct request *r)
{
	enum send_result result = output_send(r);

	if (result != SEND_DONE || !r->held)
		return result;
	r->held = false;
	result = filter_body(r, NULL);
	if (result != SEND_DONE || !r->held)
		return result;
	conn_post_next(r->client->conn);
	return SEND_AGAIN;
}

static void on_writable(struct request *r)
{
	switch (push_on(r)) {
	case SEND_DONE:
		after_response(r);
		break;
	case SEND_AGAIN:
		break;
	case SEND_ERROR:
		request_abort(r);
		break;
	}
}

void request_finish(struct request *r)
{
	if (r != r->main) {
		subrequest_finish(r);
		return;
	}
	if (!subrequests_are_done(r))
		return;
	r->on_timeout = NULL;
	if (r->client->lost) {
		request_abort(r);
		return;
	}
	if (r->pending == NULL && !r->held) {
		after_response(r);
		return;
	}
	if (r->pending == NULL)
		conn_post_next(r->client->conn);
	r->on_writable = on_writable;
	if (!r->client->delayed && !r->client->fetching)
		timer_start(&r->client->conn->timer, r->core->send_timeout);
}

void request_abort(struct request *r)
{
	struct client *c = r->client;

	r->main->failed = true;
	c->lost = true;
	if (!c->running)
		conn_post(c->conn);
}

/* Counts the redirects of this request. */
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

/* A redirect is a new request as far as the modules are concerned. */
static bool redirect_begins(struct request *r)
{
	if (!may_move(r))
		return false;
	r->contexts = NULL;
	return true;
}

enum phase_result request_redirect(struct request *r, struct str uri, struct str args)
{
	struct server *s = r->server;

	if (!redirect_begins(r))
		return request_refuse(r, 500);
	r->uri = uri;
	r->args = args;
	r->named = false;
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
	r->named = true;
	r->phase = PHASE_REWRITE;
	return PHASE_RESTART;
}

enum phase_result request_relocate(struct request *r)
{
	struct server *s = r->server;

	if (!may_move(r))
		return request_refuse(r, 500);
	r->named = false;
	request_set_server(r, s);
	r->phase = PHASE_FIND_LOCATION;
	return PHASE_RESTART;
}

bool request_match(struct request *r, const struct pattern *p, struct str subject)
{
	size_t count = pattern_match(p, subject, r->captures, CAPTURES_MAX);

	if (count > 0)
		r->capture_count = (uint32_t)count;
	return count > 0;
}

void *request_context(const struct request *r, const struct module *m)
{
	return r->contexts != NULL ? r->contexts[m->index] : NULL;
}

int request_set_context(struct request *r, const struct module *m, void *context)
{
	enum { MODULES_MAX = 64 };

	assert(m->index < MODULES_MAX);
	if (r->contexts == NULL)
		r->contexts = pool_zalloc(r->pool, MODULES_MAX * sizeof(*r->contexts));
	if (r->contexts == NULL)
		return -1;
	r->contexts[m->index] = context;
	return 0;
}

/* The client's own URI is always safe; one made of variables ("/files/$arg_name") may not
 * be. */
static bool is_normal(struct str uri)
{
	return str_starts(uri, STR("/")) && uri_is_safe(uri);
}

/* alias: what the location's prefix matched is cut off; a pattern's alias is the whole path. */
static int uri_below_alias(const struct request *r, struct str *rest)
{
	const struct location *l = r->core->location;

	*rest = r->uri;
	if (!r->core->alias)
		return r->internal && !is_normal(r->uri) ? -1 : 0;
	if (l == NULL || l->kind == LOCATION_PATTERN) {
		*rest = STR_NONE;
		return 0;
	}
	if (!str_starts(r->uri, l->name))
		return -1; /* the URI was rewritten: the alias does not apply to it */
	*rest = (struct str){r->uri.data + l->name.len, r->uri.len - l->name.len};
	/* "location /i { alias /d/; }" and "/i../secret" */
	return uri_is_safe(*rest) ? 0 : -1;
}

int request_map_path(struct request *r, size_t extra, struct str *path)
{
	struct str root, rest;
	char *text, *to;

	if (template_eval(r, r->core->root, &root) < 0)
		return -1;
	if (uri_below_alias(r, &rest) < 0) {
		request_log(r, LOG_ALERT, "\"%.*s\" leads out of the root or the alias",
			    STR_ARGS(r->uri));
		return -1;
	}
	text = pool_bytes(r->pool, root.len + rest.len + extra + 1);
	if (text == NULL)
		return -1;
	to = put_str(text, root);
	to = put_str(to, rest);
	*to = '\0';
	*path = str_between(text, to);
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

enum phase_result request_send_text(struct request *r, int status, struct str type, struct str body)
{
	struct buf *b = buf_memory(r->pool, body);
	struct chain link = {b, NULL};

	r->out.status = status;
	r->out.content_type = type;
	r->out.length = (int64_t)body.len;
	response_touch(&r->out);
	if (status == 204 || status == 304)
		r->out.no_body = true;
	if (b == NULL || filter_head(r) == SEND_ERROR) {
		r->failed = true;
		return PHASE_DONE;
	}
	b->last_buf = r == r->main;
	b->last_in_chain = true;
	if (filter_body(r, &link) == SEND_ERROR)
		r->failed = true;
	return PHASE_DONE;
}
