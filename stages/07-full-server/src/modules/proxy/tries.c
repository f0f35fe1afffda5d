#include "modules/proxy/tries.h"

#include <errno.h>
#include <stdio.h>

#include "base/clock.h"
#include "http/answer/body.h"
#include "http/request/value.h"
#include "http/wire/client.h"
#include "modules/proxy/deliver.h"
#include "modules/proxy/message/relay.h"

enum { INTERIMS_MAX = 32 };

static enum phase_result answered(struct exchange *x, enum upstream_answer answer);

/* Returns true when sending the request twice has the same effect as once (RFC 9110, 9.2.2). */
static bool is_idempotent(const struct request *r)
{
	return r->method != METHOD_OTHER &&
	       !(r->method & (METHOD_POST | METHOD_LOCK | METHOD_PATCH));
}

static bool may_repeat(const struct exchange *x)
{
	if (x->stream_began)
		return false;
	return x->attempt->sent == 0 || is_idempotent(x->r) || x->l->next & FAIL_NON_IDEMPOTENT;
}

static bool may_try_next(struct exchange *x, int why)
{
	const struct proxy_location *l = x->l;

	return l->next & why && !(l->next & FAIL_OFF) && !x->r->out.head_sent &&
	       (l->next_tries == 0 || x->tries < l->next_tries) &&
	       (l->next_timeout == 0 || now.ms - x->began < l->next_timeout) && may_repeat(x) &&
	       upstream_has_next(&x->use);
}

/* Called when the server has failed before the head of its reply was complete. */
static enum phase_result fail(struct exchange *x, enum gate_failure why, const char *what,
			      const char *doing)
{
	static const int bits[] = {[GATE_ERROR] = FAIL_ERROR,
				   [GATE_TIMEOUT] = FAIL_TIMEOUT,
				   [GATE_INVALID_HEADER] = FAIL_INVALID_HEADER};
	int status = why == GATE_TIMEOUT ? 504 : 502;

	exchange_log(x, what, doing);
	x->attempt->status = status;
	if (pool_is_starved(x->r->pool))
		return exchange_give_up(x, 500, GATE_ERROR);
	if (!may_try_next(x, bits[why])) {
		exchange_blame(x);
		return exchange_give_up(x, status, why);
	}
	exchange_blame(x);
	return answered(x, upstream_next(&x->use));
}

static enum phase_result not_connected(struct exchange *x, enum upstream_answer answer)
{
	bool late = answer == UPSTREAM_TIMED_OUT || answer == UPSTREAM_QUEUE_TIMEOUT;

	errno = x->use.error;
	if (x->use.error != 0)
		request_log_errno(x->r, LOG_ERROR, "connecting to upstream \"http://%.*s%.*s\"",
				  STR_ARGS(x->use.name), STR_ARGS(x->to.uri));
	else
		exchange_log(x, upstream_reason(answer), "connecting to");
	x->attempt->status = upstream_status(answer);
	exchange_note_end(x);
	if (answer >= UPSTREAM_REFUSED && answer != UPSTREAM_NO_RESOURCES &&
	    may_try_next(x, late ? FAIL_TIMEOUT : FAIL_ERROR))
		return answered(x, upstream_next(&x->use));
	return exchange_give_up(x, upstream_status(answer), late ? GATE_TIMEOUT : GATE_ERROR);
}

/* Asks the next server because of the status in the reply. 403 and 404 do not count as a
 * failure of this server. */
static enum phase_result next_because_of(struct exchange *x, int why)
{
	if (why & (FAIL_HTTP_403 | FAIL_HTTP_404))
		exchange_give_back(x, false);
	else
		exchange_blame(x);
	return answered(x, upstream_next(&x->use));
}

static enum phase_result invalid(struct exchange *x, const char *problem)
{
	char what[128];

	snprintf(what, sizeof(what), "upstream sent %s", problem);
	return fail(x, GATE_INVALID_HEADER, what, "reading response header from");
}

static bool may_upgrade(const struct exchange *x)
{
	return x->upgrades && x->sent_all && x->r == x->r->main &&
	       x->r->in.known[HEADER_UPGRADE] != 0 && x->r->in.line.version >= HTTP_11;
}

static enum phase_result got_head(struct exchange *x)
{
	int why = fail_of_status(x->reply.status);

	x->attempt->status = x->reply.status;
	x->attempt->header_time = now.ms - x->attempt->began;
	record_headers(x->r, &x->reply.headers);
	if (x->reply.framing == FRAMING_UPGRADE)
		return may_upgrade(x) ? deliver_upgrade(x)
				      : invalid(x, "101 although no upgrade was asked for");
	if (why != 0 && may_try_next(x, why))
		return next_because_of(x, why);
	return deliver_reply(x);
}

static enum phase_result read_head(struct exchange *x);

static enum phase_result take_head(struct exchange *x)
{
	struct input *in = x->input;
	const char *line = in->line, *scan = in->scan;
	enum reply_result result =
	    reply_parse(x->r->pool, &x->reply, &line, &scan, in->last, x->head_only);

	in->line = (char *)line;
	in->scan = (char *)scan;
	if (result == REPLY_BAD)
		return invalid(x, x->reply.problem);
	if (result == REPLY_MORE)
		return in->last == in->end ? invalid(x, "a head larger than proxy_buffer_size")
					   : read_head(x);
	if (x->reply.status >= 200 || x->reply.status == 101)
		return got_head(x);
	if (++x->interims > INTERIMS_MAX)
		return invalid(x, "too many interim answers");
	if (relay_interim(x->r, &x->reply) < 0)
		return exchange_end_short(x);
	reply_init(&x->reply);
	return take_head(x);
}

/* The connection has ended before the head was complete. */
static enum phase_result lost_head(struct exchange *x, enum io_result result)
{
	if (x->use.reused && x->attempt->received == 0 && may_repeat(x)) {
		request_log(x->r, LOG_INFO, "a kept connection was closed, a new one is made");
		return answered(x, upstream_again(&x->use));
	}
	return fail(x, GATE_ERROR,
		    result == IO_EOF ? "upstream prematurely closed connection"
				     : "upstream broke the connection",
		    x->send_failed ? "sending request to" : "reading response header from");
}

/* While the proxy waits for more of the client's body, there is no time limit for the
 * upstream. */
static void start_timer(struct exchange *x)
{
	struct timer *timer = &x->use.conn->timer;

	if (x->sent_all)
		timer_start(timer, x->l->read_timeout);
	else if (x->streams && x->head_left.len == 0 && x->body_left == NULL)
		timer_stop(timer);
	else
		timer_start(timer, x->l->send_timeout);
}

static enum phase_result read_head(struct exchange *x)
{
	struct conn *conn = x->use.conn;
	enum io_result result = IO_AGAIN;
	char *before = x->input != NULL ? x->input->last : NULL;

	if (conn->may_read)
		result = input_read(&x->input, conn, (size_t)x->l->buffer_size);
	if (result == IO_AGAIN && !x->send_failed) {
		start_timer(x);
		return PHASE_WAIT;
	}
	if (result != IO_OK)
		return lost_head(x, result);
	x->attempt->received += x->input->last - (before != NULL ? before : x->input->bytes);
	return take_head(x);
}

/* ---- the request */

/* Adds the piece of the body that the client has sent. If the length of the body is unknown,
 * the piece is sent as a chunk. */
static int take_piece(struct exchange *x)
{
	const struct body *b = x->r->body;
	struct pool *pool = x->r->pool;
	struct str piece = {b->memory, b->used};
	bool chunked = x->r->in.body_kind == BODY_CHUNKED;

	x->stream_ended = b->complete;
	if (chunked && piece.len > 0 &&
	    chain_append(pool, &x->body_left,
			 buf_memory(pool, pool_print(pool, "%zx\r\n", piece.len))) < 0)
		return -1;
	if (piece.len > 0 && chain_append(pool, &x->body_left, buf_memory(pool, piece)) < 0)
		return -1;
	if (chunked && piece.len > 0 &&
	    chain_append(pool, &x->body_left, buf_memory(pool, STR("\r\n"))) < 0)
		return -1;
	if (chunked && b->complete)
		return chain_append(pool, &x->body_left, buf_memory(pool, STR("0\r\n\r\n")));
	return 0;
}

static enum phase_result send_some(struct exchange *x);

/* Called when the client has sent more of its body, or will send no more. */
static void on_piece(struct request *r)
{
	struct exchange *x = exchange_of(r);

	if (x->state != HEAD && x->state != BODY)
		return; /* the reply was complete before the client had sent the whole body */
	if (r->body->refusal != 0) {
		exchange_settle(r, x->state == BODY
				       ? exchange_end_short(x)
				       : (exchange_give_back(x, false), x->state = ENDING,
					  request_refuse(r, r->body->refusal)));
		return;
	}
	exchange_settle(r, take_piece(x) < 0 ? exchange_end_short(x) : send_some(x));
}

/* Called when all pieces so far are sent. Returns NEXT when another piece can be sent now. */
static enum phase_result next_piece(struct exchange *x)
{
	struct request *r = x->r;
	bool first = !x->stream_began;

	x->stream_began = true;
	switch (first ? body_stream(r, on_piece) : body_next(r)) {
	case BODY_READY:
		return take_piece(x) < 0 ? exchange_end_short(x) : PHASE_NEXT;
	case BODY_REFUSED:
		exchange_give_back(x, false);
		x->state = ENDING;
		return request_refuse(r, r->refusal);
	default:
		return PHASE_WAIT;
	}
}

/* Sends until it has to wait for the upstream or for the client. */
static enum io_result send_all(struct exchange *x, enum phase_result *why)
{
	enum io_result result;
	off_t sent;

	for (;;) {
		result = conn_send(x->use.conn, &x->head_left, &x->body_left, INT32_MAX, &sent);
		x->attempt->sent += sent;
		if (result != IO_OK || x->head_left.len > 0 || x->body_left != NULL)
			return result;
		if (!x->streams || x->stream_ended)
			return result;
		*why = next_piece(x);
		if (*why != PHASE_NEXT)
			return IO_OK;
	}
}

static enum phase_result send_some(struct exchange *x)
{
	enum phase_result why = PHASE_NEXT;
	enum io_result result = send_all(x, &why);
	bool nothing_left = x->head_left.len == 0 && x->body_left == NULL;

	if (why == PHASE_DONE || why == PHASE_REFUSE)
		return why;
	x->sent_all = nothing_left && (!x->streams || x->stream_ended);
	/* Read after a failed send: the server may have sent a reply before it closed the
	 * connection. The client learns more from this reply than from our error. */
	x->send_failed = result == IO_ERROR;
	x->use.conn->may_read |= x->send_failed;
	if (result == IO_OK && !nothing_left)
		conn_post_next(x->use.conn);
	if (x->sent_all && x->streams)
		exchange_watch_client(x, x->notice_client);
	if (x->state == BODY)
		return PHASE_WAIT;
	return read_head(x);
}

static int set_body_chain(struct exchange *x)
{
	x->body_left = NULL;
	if (x->streams)
		return 0;
	if (x->set_body.data != NULL)
		return chain_append(x->r->pool, &x->body_left, buf_memory(x->r->pool, x->set_body));
	if (!x->with_body || x->r->body == NULL || x->r->body->size == 0)
		return 0;
	x->body_left = body_chain(x->r);
	return x->body_left != NULL ? 0 : -1;
}

static const struct conn_calls calls;

static enum phase_result send_begin(struct exchange *x)
{
	x->use.conn->calls = &calls;
	x->use.conn->owner = x;
	x->state = HEAD;
	x->sent_all = x->send_failed = false;
	x->attempt->connect_time = x->use.connect_time;
	x->head_left = x->head;
	if (x->input != NULL)
		x->input->line = x->input->scan = x->input->last = x->input->bytes;
	reply_init(&x->reply);
	if (set_body_chain(x) < 0)
		return exchange_give_up(x, 500, GATE_ERROR);
	return send_some(x);
}

static int attempt_begin(struct exchange *x)
{
	x->attempt = record_attempt(x->r, x->tries == 0);
	x->tries++;
	return x->attempt != NULL ? 0 : -1;
}

/* Handles each result of asking for a connection, also of the first attempt. */
static enum phase_result answered(struct exchange *x, enum upstream_answer answer)
{
	x->state = ASKING;
	if (x->attempt == NULL || x->attempt->response_time != NOT_MEASURED)
		if (attempt_begin(x) < 0)
			return exchange_give_up(x, 500, GATE_ERROR);
	x->attempt->server = x->use.name;
	switch (answer) {
	case UPSTREAM_CONNECTED:
		return send_begin(x);
	case UPSTREAM_WAIT:
		return PHASE_WAIT;
	default:
		return not_connected(x, answer);
	}
}

/* ---- events */

struct news {
	struct exchange *x;
	enum phase_result (*act)(struct exchange *x);
	enum upstream_answer answer;
};

static void hear(struct request *main, void *data)
{
	struct news *news = data;

	exchange_settle(news->x->r, news->act(news->x));
}

static void act(struct exchange *x, enum phase_result (*what)(struct exchange *x))
{
	struct news news = {.x = x, .act = what};

	client_resume(x->r->client, hear, &news);
}

static enum phase_result go_on_reading(struct exchange *x)
{
	if (x->state == TUNNEL)
		return deliver_tunnel(x);
	return x->state == BODY ? deliver_more(x) : read_head(x);
}

static enum phase_result go_on_writing(struct exchange *x)
{
	if (x->state == TUNNEL)
		return deliver_tunnel(x);
	if (x->sent_all || x->send_failed)
		return PHASE_WAIT;
	return x->state == HEAD || x->state == BODY ? send_some(x) : PHASE_WAIT;
}

static enum phase_result time_is_over(struct exchange *x)
{
	if (x->state == BODY)
		return deliver_timeout(x);
	if (x->state == TUNNEL) {
		request_log(x->r, LOG_INFO, "nothing went through the tunnel for too long");
		return exchange_end_short(x);
	}
	return fail(x, GATE_TIMEOUT, "upstream timed out",
		    x->sent_all ? "reading response header from" : "sending request to");
}

static void on_readable(struct conn *conn)
{
	act(conn->owner, go_on_reading);
}

static void on_writable(struct conn *conn)
{
	act(conn->owner, go_on_writing);
}

static void on_timeout(struct conn *conn)
{
	act(conn->owner, time_is_over);
}

static enum phase_result go_on_with_turn(struct exchange *x)
{
	return x->state == BODY ? go_on_reading(x) : go_on_writing(x);
}

static void on_posted(struct conn *conn)
{
	act(conn->owner, go_on_with_turn);
}

static const struct conn_calls calls = {
    .on_readable = on_readable,
    .on_writable = on_writable,
    .on_timeout = on_timeout,
    .on_posted = on_posted,
};

static void hear_of_connection(struct request *main, void *data)
{
	struct news *news = data;

	exchange_settle(news->x->r, answered(news->x, news->answer));
}

static void on_answer(struct upstream_use *use, enum upstream_answer answer)
{
	struct exchange *x = CONTAINER_OF(use, struct exchange, use);
	struct news news = {.x = x, .answer = answer};

	client_resume(x->r->client, hear_of_connection, &news);
}

/* Evaluates proxy_bind. If the value is empty, the kernel chooses the address. */
static int set_own_address(struct exchange *x)
{
	struct str text;
	struct address *a;
	const char *problem;

	if (x->l->bind == NULL)
		return 0;
	if (template_eval(x->r, x->l->bind, &text) < 0)
		return -1;
	if (text.len == 0)
		return 0;
	a = pool_zalloc(x->r->pool, sizeof(*a));
	problem = a != NULL ? address_parse(a, text, 0) : "no memory";
	if (problem != NULL) {
		request_log(x->r, LOG_ERROR, "proxy_bind \"%.*s\": %s", STR_ARGS(text), problem);
		return -1;
	}
	x->use.bind = a;
	return 0;
}

enum phase_result tries_begin(struct exchange *x)
{
	if (set_own_address(x) < 0)
		return request_refuse(x->r, 500);
	x->began = now.ms;
	x->use.upstream = x->to.upstream;
	x->use.request = x->r;
	x->use.connect_timeout = x->l->connect_timeout;
	x->use.on_answer = on_answer;
	return answered(x, upstream_ask(&x->use));
}
