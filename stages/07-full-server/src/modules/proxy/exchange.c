#include "modules/proxy/exchange.h"

#include "base/clock.h"
#include "http/answer/finish.h"
#include "http/answer/phases.h"
#include "modules/proxy/message/relay.h"

const struct gate *exchange_gate;

void proxy_set_gate(const struct gate *g)
{
	exchange_gate = g;
}

struct str proxy_url(struct request *r)
{
	const struct destination *to = &exchange_of(r)->to;
	struct str scheme = STR("http://");
	char *url = pool_bytes(r->pool, scheme.len + to->host.len + to->uri.len);

	if (url == NULL)
		return (struct str){NULL, 0};
	return str_between(url, put_str(put_str(put_str(url, scheme), to->host), to->uri));
}

const struct temp_folder *proxy_temp_folder(const struct request *r)
{
	return proxy_location_of(r)->temp;
}

/* ---- the end of an exchange, possible in every state */

void exchange_watch_client(struct exchange *x, void (*notice)(struct request *main))
{
	if (!x->l->ignore_abort)
		x->r->main->on_readable = notice;
}

void exchange_note_end(struct exchange *x)
{
	struct attempt *a = x->attempt;

	if (a == NULL || a->response_time != NOT_MEASURED)
		return;
	a->response_time = now.ms - a->began;
	a->length = x->stream.decoded;
}

/* Called when the request does not use the connection any more. `keep`: another request may
 * use the connection. */
void exchange_give_back(struct exchange *x, bool keep)
{
	exchange_note_end(x);
	x->stream.conn = NULL;
	if (x->use.conn != NULL) {
		conn_unpost(x->use.conn);
		timer_stop(&x->use.conn->timer);
		upstream_give_back(&x->use, keep);
	}
	upstream_leave(&x->use);
	exchange_watch_client(x, NULL);
}

void exchange_blame(struct exchange *x)
{
	exchange_note_end(x);
	x->stream.conn = NULL;
	if (x->use.conn != NULL)
		upstream_fail(&x->use);
	exchange_watch_client(x, NULL);
}

/* Called when the request's pool is destroyed. */
static void forget(void *data)
{
	struct exchange *x = data;

	upstream_leave(&x->use);
	stream_fini(&x->stream);
	inputs_destroy(&x->input);
}

void exchange_settle(struct request *r, enum phase_result result)
{
	switch (result) {
	case PHASE_WAIT:
		return;
	case PHASE_REFUSE:
		phase_refuse(r, r->refusal);
		return;
	case PHASE_DONE:
		request_finish(r);
		return;
	default:
		phase_run(r);
	}
}

/* ---- failures */

void exchange_log(const struct exchange *x, const char *what, const char *doing)
{
	request_log(x->r, LOG_ERROR, "%s while %s upstream, upstream: \"http://%.*s%.*s\"", what,
		    doing, STR_ARGS(x->use.name), STR_ARGS(x->to.uri));
}

/* Called when no server is left. If the gate has no answer, the client gets this status. */
enum phase_result exchange_give_up(struct exchange *x, int status, enum gate_failure why)
{
	exchange_give_back(x, false);
	x->state = ENDING;
	if (x->gated && exchange_gate->failed != NULL && exchange_gate->failed(x->r, status, why))
		return PHASE_DONE;
	return request_refuse(x->r, status);
}

/* The client has got only a part of the response, and the rest cannot follow. The client's
 * connection is closed, so that the client notices the missing part. */
enum phase_result exchange_end_short(struct exchange *x)
{
	exchange_give_back(x, false);
	x->state = ENDING;
	x->r->failed = x->r->main->failed = true;
	x->r->keepalive = x->r->main->keepalive = false;
	return PHASE_DONE;
}

struct exchange *exchange_create(struct request *r)
{
	struct exchange *x = pool_zalloc(r->pool, sizeof(*x));
	struct pool_cleanup *c = x != NULL ? pool_cleanup_add(r->pool, x) : NULL;

	if (c == NULL || request_set_context(r, &proxy_module, x) < 0)
		return NULL;
	c->run = forget;
	x->r = r;
	x->l = proxy_location_of(r);
	return x;
}

enum send_result proxy_answer(struct request *r, const struct gate_head *h)
{
	return relay_stored(r, h) < 0 ? SEND_ERROR : filter_head(r);
}
