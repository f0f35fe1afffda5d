#include "modules/proxy/serve.h"

#include <errno.h>

#include "http/answer/body.h"
#include "http/request/keepalive.h"
#include "http/request/value.h"
#include "http/wire/client.h"
#include "modules/proxy/exchange.h"
#include "modules/proxy/message/ask.h"
#include "modules/proxy/tries.h"

/* ---- the client */

/* Returns true when the client has closed its side, and will not read the answer. A client that
 * has announced its last request is not meant: this client may close its sending side early and
 * still wait for the answer. */
static bool client_has_finished(struct request *main)
{
	struct conn *conn = main->client->conn;

	return conn->peer_done && keepalive_is_wanted(main) &&
	       !input_has_bytes(main->client->input) && !net_has_bytes(conn->fd);
}

static bool client_has_left(struct request *main)
{
	errno = net_error(main->client->conn->fd);
	return errno != 0 || client_has_finished(main);
}

static void notice_client(struct request *main)
{
	if (!client_has_left(main))
		return;
	request_log(main, LOG_INFO, "client closed the connection while its answer was awaited");
	request_abort(main);
}

/* ---- the way of a request to the upstream */

static enum phase_result ask_upstream(struct exchange *x)
{
	struct request *r = x->r;

	x->notice_client = notice_client;
	exchange_watch_client(x, notice_client);
	if (!x->l->ignore_abort && client_has_finished(r->main)) {
		notice_client(r->main);
		return PHASE_WAIT;
	}
	return tries_begin(x);
}

static int method_for(struct exchange *x, struct str *method)
{
	struct request *r = x->r;

	if (x->l->method != NULL) {
		if (template_eval(r, x->l->method, method) < 0)
			return 500;
		return is_token(*method) ? 0 : 500;
	}
	*method = r->in.line.method_name;
	if (r != r->main || r->method != r->in.line.method)
		*method = r->method == METHOD_HEAD ? STR("HEAD") : STR("GET");
	return 0;
}

static bool is_condition(const struct header *h)
{
	return h->id >= HEADER_RANGE && h->id <= HEADER_IF_MATCH;
}

static bool expects_length(const struct request *r)
{
	return r == r->main && (r->in.known[HEADER_CONTENT_LENGTH] != 0 ||
				r->method & (METHOD_POST | METHOD_PUT | METHOD_PATCH));
}

static int build(struct exchange *x)
{
	struct request *r = x->r;
	struct ask ask = {.target = x->to.uri,
			  .host = x->to.host,
			  .version = x->l->http_version,
			  .pass_headers = x->l->pass_headers,
			  .rules = x->l->set_headers};
	struct gate_request change = {.drop_conditions = false};
	int status = method_for(x, &ask.method);

	if (status != 0)
		return status;
	change.method = ask.method;
	if (x->gated && exchange_gate->change != NULL)
		exchange_gate->change(r, &change);
	ask.method = change.method;
	ask.more = &change.more;
	ask.leaves_out = change.drop_conditions ? is_condition : NULL;
	x->head_only = str_equal(ask.method, STR("HEAD"));
	if (x->set_body.data != NULL)
		ask.body_length = (int64_t)x->set_body.len;
	else if (x->streams)
		ask.body_length = r->in.content_length;
	else if (x->with_body)
		ask.body_length = (int64_t)r->body->size;
	ask.has_body = x->set_body.data != NULL || x->with_body || expects_length(r);
	status = ask_build(r, &ask, &x->head);
	x->upgrades = ask.upgrades;
	return status;
}

static enum phase_result go_on(struct exchange *x)
{
	int status = build(x);

	return status != 0 ? request_refuse(x->r, status) : ask_upstream(x);
}

void proxy_go_on(struct request *r)
{
	exchange_settle(r, go_on(exchange_of(r)));
}

static enum phase_result through_gate(struct exchange *x)
{
	enum phase_result result = PHASE_NEXT;

	if (exchange_gate != NULL) {
		x->gated = true;
		if (exchange_gate->ask != NULL)
			result = exchange_gate->ask(x->r);
	}
	return result == PHASE_NEXT ? go_on(x) : result;
}

static void body_is_there(struct request *r)
{
	exchange_settle(r, through_gate(exchange_of(r)));
}

static enum phase_result read_request_body(struct exchange *x)
{
	switch (body_read(x->r, body_is_there)) {
	case BODY_READY:
		return through_gate(x);
	case BODY_REFUSED:
		return request_refuse(x->r, x->r->refusal);
	default:
		return PHASE_WAIT;
	}
}

enum phase_result proxy_serve(struct request *r)
{
	const struct target *t = proxy_target_of(r);
	struct exchange *x;
	int status;

	if (t == NULL)
		return PHASE_NEXT;
	x = exchange_create(r);
	if (x == NULL)
		return request_refuse(r, 500);
	status = target_resolve(r, t, &x->to);
	if (status != 0)
		return request_refuse(r, status);
	if (x->l->body != NULL && template_eval(r, x->l->body, &x->set_body) < 0)
		return request_refuse(r, 500);
	x->with_body = r == r->main && r->method == r->in.line.method && x->l->body == NULL &&
		       x->l->pass_body && r->in.body_kind != BODY_NONE;
	x->streams = x->with_body && !x->l->request_buffering &&
		     (r->in.body_kind == BODY_LENGTH || x->l->http_version >= HTTP_11);
	return x->with_body && !x->streams ? read_request_body(x) : through_gate(x);
}
