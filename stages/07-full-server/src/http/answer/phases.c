#include "http/answer/phases.h"

#include <assert.h>

#include "http/answer/refuse.h"
#include "http/site/core.h"
#include "http/site/server.h"

static enum phase_result next_phase(struct request *r)
{
	r->phase = r->http->phases.of[r->phase].next;
	r->handler = 0;
	return PHASE_NEXT;
}

/* Calls the remaining handlers of this phase, then goes on with the next phase. */
static enum phase_result call_handler(struct request *r)
{
	const struct phase_handlers *list = &r->http->phases.of[r->phase];

	for (; r->handler < list->count; r->handler++) {
		enum phase_result result = list->handlers[r->handler](r);

		if (result == PHASE_PASS)
			break;
		if (result != PHASE_NEXT)
			return result;
	}
	return next_phase(r);
}

static bool body_is_too_large(const struct request *r)
{
	return r->core->body_max_size > 0 && r->in.content_length > r->core->body_max_size;
}

static void copy_captures(struct request *r, const struct found *found)
{
	for (size_t i = 0; i < found->capture_count; i++)
		r->captures[i] = found->captures[i];
	r->capture_count = (uint32_t)found->capture_count;
}

static enum phase_result find_location(struct request *r)
{
	struct found found;

	r->uri_replaced = false;
	location_find(&r->server->locations, r->uri, &found);
	if (found.failed) {
		pool_set_starved(r->pool, true);
		return request_refuse(r, 500);
	}
	if (found.location != NULL)
		request_enter(r, found.location);
	if (found.capture_count > 0)
		copy_captures(r, &found);
	if (phase_rules(r)->internal && !r->internal)
		return request_refuse(r, 404);
	if (r == r->main && body_is_too_large(r))
		return request_refuse(r, 413);
	return next_phase(r);
}

/*
 * satisfy all: one refusal refuses the request. satisfy any: one PASS allows the request. With
 * satisfy any, a refusal is remembered, because perhaps no handler passes. A 401 is preferred
 * to a 403, because the client can answer a 401 with a password.
 */
static enum phase_result call_access(struct request *r)
{
	enum phase_result result;

	if (r != r->main || r->handler == r->http->phases.of[PHASE_ACCESS].count)
		return next_phase(r);
	result = r->http->phases.of[PHASE_ACCESS].handlers[r->handler](r);
	if (phase_rules(r)->satisfy == SATISFY_ANY && result == PHASE_PASS) {
		r->access_denied = 0;
		return next_phase(r);
	}
	if (phase_rules(r)->satisfy == SATISFY_ANY && result == PHASE_REFUSE &&
	    (r->refusal == 401 || r->refusal == 403)) {
		if (r->access_denied != 401)
			r->access_denied = r->refusal;
		result = PHASE_NEXT;
	}
	if (result == PHASE_NEXT || result == PHASE_PASS) {
		r->handler++;
		return PHASE_NEXT;
	}
	return result;
}

static enum phase_result post_access(struct request *r)
{
	int denied = r->access_denied;

	r->access_denied = 0;
	return denied != 0 ? request_refuse(r, denied) : next_phase(r);
}

static enum phase_result call_content(struct request *r)
{
	const struct phase_table *t = &r->http->phases;
	enum phase_result result;

	/* a handler of the location (stub_status, proxy_pass) runs instead of all handlers
	 * of the phase */
	if (r->core->handler != NULL) {
		result = r->core->handler(r);
		assert(result != PHASE_NEXT);
		return result;
	}
	if (r->handler < t->of[PHASE_CONTENT].count) {
		result = t->of[PHASE_CONTENT].handlers[r->handler](r);
		if (result == PHASE_NEXT)
			r->handler++;
		return result;
	}
	if (r->uri.len > 0 && r->uri.data[r->uri.len - 1] == '/') {
		request_log(r, LOG_ERROR, "directory index of \"%.*s\" is forbidden",
			    STR_ARGS(r->uri));
		return request_refuse(r, 403);
	}
	return request_refuse(r, 404);
}

static enum phase_result phase_step(struct request *r)
{
	switch (r->phase) {
	case PHASE_FIND_LOCATION:
		return find_location(r);
	case PHASE_ACCESS:
		return call_access(r);
	case PHASE_POST_ACCESS:
		return post_access(r);
	case PHASE_CONTENT:
		return call_content(r);
	default:
		return call_handler(r);
	}
}

void phase_run(struct request *r)
{
	for (;;) {
		enum phase_result result = phase_step(r);

		/* If an allocation failed, something may be missing: a value, a header line or
		 * a limit. A decision could be wrong without it, so the request is refused. */
		if (pool_is_starved(r->pool) && result != PHASE_DONE && result != PHASE_WAIT)
			result = request_refuse(r, 500);
		if (result == PHASE_REFUSE)
			result = refuse_with_page(r, r->refusal);
		if (result == PHASE_WAIT)
			return;
		if (result == PHASE_DONE) {
			request_finish(r);
			return;
		}
	}
}

void phase_refuse(struct request *r, int status)
{
	enum phase_result result = refuse_with_page(r, status);

	if (result == PHASE_DONE)
		request_finish(r);
	else if (result != PHASE_WAIT)
		phase_run(r);
}

void phase_run_log(struct request *r)
{
	const struct phase_table *t = &r->http->phases;

	for (uint32_t i = 0; i < t->of[PHASE_LOG].count; i++)
		t->of[PHASE_LOG].handlers[i](r);
}

/* ---- the module */

/* The setter of `internal`. The value is not inherited. */
static int set_internal(struct conf *cf, const struct directive *d, void *section)
{
	struct phase_rules *l = section;

	if (l->internal)
		return conf_duplicate(cf);
	l->internal = true;
	return 0;
}

static const struct conf_name satisfy_names[] = {
    {"all", SATISFY_ALL}, {"any", SATISFY_ANY}, {NULL, 0}};

static const struct directive directives[] = {
    {"internal", IN_LOCATION | ARGS_0, set_internal, LEVEL_LOCATION},
    {"satisfy", IN_HTTP_ALL | ARGS_1, conf_set_enum, LEVEL_LOCATION,
     SETTING(struct phase_rules, satisfy, SATISFY_ALL), .extra = satisfy_names},
    {.name = NULL},
};

static const struct http_hooks hooks = {.location_size = sizeof(struct phase_rules)};

struct module phases_module = {
    .name = "phases", .kind = MODULE_HTTP, .directives = directives, .hooks = &hooks};
