/*
 * echo_body: a module for tests: the answer is what the client has sent.
 */
#include "http/answer/body.h"
#include "http/answer/phases.h"
#include "http/site/core.h"
#include "http/request/filter.h"

extern struct module echo_body_module;

static enum phase_result send_back(struct request *r)
{
	struct chain *body = body_chain(r), *last = body;

	r->out.status = 200;
	r->out.content_type = STR("text/plain");
	r->out.length = (int64_t)r->body->size;
	if (body == NULL)
		return request_send_text(r, 200, STR("text/plain"), STR_NONE);
	while (last->next != NULL)
		last = last->next;
	last->buf->last_buf = last->buf->last_in_chain = true;
	if (filter_head(r) == SEND_ERROR || filter_body(r, body) == SEND_ERROR)
		r->failed = true;
	return PHASE_DONE;
}

/* It is called again when the body is there. */
static enum phase_result serve(struct request *r)
{
	switch (body_read(r, phase_run)) {
	case BODY_WAIT:
		return PHASE_WAIT;
	case BODY_REFUSED:
		return PHASE_REFUSE;
	case BODY_READY:
		break;
	}
	return send_back(r);
}

static int set(struct conf *cf, const struct directive *d, void *section)
{
	(void)d;
	(void)section;
	core_location_of(cf->scope->sections[LEVEL_LOCATION])->handler = serve;
	return 0;
}

static const struct directive directives[] = {
    {"echo_body", IN_LOCATION | ARGS_0, set, LEVEL_LOCATION},
    {.name = NULL},
};

static const struct http_hooks hooks = {.setup = NULL};

struct module echo_body_module = {
    .name = "echo_body", .kind = MODULE_HTTP, .directives = directives, .hooks = &hooks};
