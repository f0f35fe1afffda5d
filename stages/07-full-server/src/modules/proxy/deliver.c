#include "modules/proxy/deliver.h"

#include "http/answer/finish.h"
#include "http/message/uri.h"
#include "http/request/path.h"
#include "http/request/value.h"
#include "http/wire/output.h"
#include "modules/proxy/message/relay.h"

/* ---- the body of the reply */

static void on_room(struct request *r);

static void note_progress(struct exchange *x)
{
	const struct stream *s = &x->stream;

	x->attempt->length = s->decoded;
	x->attempt->received = x->head_received + s->received;
}

/* Returns true when the connection can carry another request. For this the request must be sent
 * completely, and no byte may follow the body. */
static bool may_keep(const struct exchange *x)
{
	return x->reply.stays && x->sent_all && !x->stream.excess;
}

static void end_of_reply(struct exchange *x, bool whole)
{
	if (x->state != BODY)
		return;
	x->state = ENDING;
	if (x->stream.excess)
		exchange_log(x, "upstream sent more data than its head announces", "reading");
	if (whole) {
		exchange_give_back(x, may_keep(x));
	} else {
		exchange_log(x, x->stream.problem, "reading");
		exchange_blame(x);
		upstream_leave(&x->use);
	}
	if (x->kept && exchange_gate->end != NULL)
		exchange_gate->end(x->r, whole);
	x->kept = false;
	if (x->stored)
		store_end(&x->store, whole, x->r->out.last_modified);
	x->stored = false;
}

/* Sets the timer of the upstream's connection. The timer limits the time until the next bytes
 * come, or ends the pause for proxy_limit_rate. It is off while the stream waits for the
 * client. */
static void wait_for_bytes(struct exchange *x)
{
	struct conn *conn = x->use.conn;

	if (x->stream.turn_over)
		conn_post_next(conn);
	if (x->stream.rest > 0)
		timer_start(&conn->timer, x->stream.rest);
	else if (x->stream.full)
		timer_stop(&conn->timer);
	else
		timer_start(&conn->timer, x->l->read_timeout);
}

static enum phase_result after_stream(struct exchange *x, enum stream_result result)
{
	bool was_busy = x->r->on_room == on_room;

	note_progress(x);
	switch (result) {
	case STREAM_LOST:
		return exchange_end_short(x);
	case STREAM_WAIT:
		wait_for_bytes(x);
		break;
	default:
		end_of_reply(x, result == STREAM_WHOLE);
		if (x->stream.last_given) {
			x->r->on_room = NULL;
			return PHASE_DONE;
		}
		if (!x->stream.busy)
			return exchange_end_short(x);
	}
	if (x->stream.busy && !was_busy)
		request_pump(x->r, on_room);
	return PHASE_WAIT;
}

/* The client has taken all bytes that the filters have got. */
static void on_room(struct request *r)
{
	struct exchange *x = exchange_of(r);

	exchange_settle(r, after_stream(x, stream_room(&x->stream)));
}

static void pass_bytes(struct request *r, struct str bytes)
{
	struct exchange *x = exchange_of(r);

	if (x->kept && exchange_gate->bytes != NULL)
		exchange_gate->bytes(r, bytes);
	if (x->stored)
		store_add(&x->store, bytes);
}

static int64_t rate_of(struct exchange *x)
{
	struct str text;
	int64_t rate;

	if (x->l->limit_rate == NULL)
		return 0;
	return template_eval(x->r, x->l->limit_rate, &text) == 0 && parse_size(text, &rate) ? rate
											    : 0;
}

/* To answer with several ranges, the range filter needs the whole body at once. So the stream
 * keeps the body until its end. */
static bool is_held(const struct exchange *x)
{
	const struct str *range = request_header(x->r, HEADER_RANGE);

	return x->r->out.status == 206 && x->l->force_ranges && range != NULL &&
	       memchr(range->data, ',', range->len) != NULL;
}

static void stream_set(struct exchange *x, bool buffering)
{
	const struct proxy_location *l = x->l;
	int64_t all = l->buffer_count * l->one_buffer, block = all / 2;
	struct stream *s = &x->stream;

	s->hold = is_held(x);
	buffering |= s->hold;
	if (block > l->busy_size && block > l->one_buffer)
		block = l->busy_size > l->one_buffer ? l->busy_size : l->one_buffer;
	s->r = x->r;
	s->conn = x->use.conn;
	s->framing = x->reply.framing;
	s->length = x->reply.length;
	s->unbuffered = !buffering;
	s->block_size = (size_t)(buffering ? block : l->buffer_size);
	s->block_max = buffering ? (int)(all / block) : 1;
	s->temp = l->temp;
	s->max_temp = buffering ? l->max_temp_file : 0;
	s->temp_write = l->temp_write;
	s->rate = rate_of(x);
	s->on_bytes = x->kept || x->stored ? pass_bytes : NULL;
	s->silent = request_is_head_only(x->r);
}

static enum phase_result read_body(struct exchange *x)
{
	struct input *in = x->input;
	struct str there = str_between(in->line, in->last);

	x->state = BODY;
	x->head_received = x->attempt->received - (int64_t)there.len;
	in->line = in->scan = in->last;
	return after_stream(x, stream_begin(&x->stream, there));
}

/* ---- the head of the reply */

static int64_t announced_length(const struct exchange *x)
{
	const struct reply *reply = &x->reply;

	if (reply->framing == FRAMING_LENGTH)
		return reply->length;
	if (reply->framing != FRAMING_NONE)
		return LENGTH_UNKNOWN;
	/* The length in a reply to HEAD or 304 describes another answer. Our client may have
	 * sent GET. */
	return request_is_head_only(x->r) || reply->status == 304 ? reply->length : 0;
}

/* proxy_store stores only a whole representation, never a range or an error. */
static void begin_store(struct exchange *x)
{
	struct request *r = x->r;
	struct str path;

	if (x->l->store == STORE_OFF || x->reply.status != 200 || r->method != METHOD_GET ||
	    x->head_only || str_ends(r->uri, STR("/")))
		return;
	if (x->l->store == STORE_AT_PATH
		? template_eval(r, x->l->path, &path) < 0 || !uri_is_safe(path)
		: request_map_path(r, 0, &path) < 0)
		return;
	x->store.r = r;
	x->store.access = x->l->store_access;
	x->stored = store_open(&x->store, x->l->temp, path) == 0;
}

/* The range filter can cut ranges only out of a whole body of known length. */
static bool may_cut(const struct exchange *x)
{
	const struct proxy_location *l = x->l;

	return l->force_ranges && x->reply.status == 200 && x->reply.framing == FRAMING_LENGTH &&
	       x->reply.length <= l->max_temp_file;
}

static enum phase_result send_head(struct exchange *x, bool buffering)
{
	struct request *r = x->r;

	begin_store(x);
	r->out.ranges_allowed |= may_cut(x); /* the gate may have set this member already */
	if (x->reply.status != 200 || !str_equal(x->reply.reason, STR("OK")))
		r->out.reason = x->reply.reason;
	if (relay_head(r, x->reply.status, &x->reply.headers, announced_length(x)) < 0) {
		response_init(&r->out);
		return exchange_give_up(x, 502, GATE_INVALID_HEADER);
	}
	if (filter_head(r) == SEND_ERROR)
		return exchange_end_short(x);
	stream_set(x, buffering);
	return read_body(x);
}

static bool reply_ends_here(const struct exchange *x)
{
	return x->reply.framing == FRAMING_NONE || x->reply.length == 0;
}

/* Called when the body of the reply is not needed. The connection can be kept only if the
 * reply has no body. */
static void drop_reply(struct exchange *x)
{
	exchange_give_back(x, reply_ends_here(x) && x->reply.stays && x->sent_all &&
				  x->input->line == x->input->last);
	x->state = ENDING;
}

static enum phase_result ask_gate(struct exchange *x)
{
	const struct reply *reply = &x->reply;

	if (!x->gated || exchange_gate->head == NULL)
		return PHASE_NEXT;
	switch (exchange_gate->head(x->r, reply->status, &reply->headers,
				    reply->framing == FRAMING_LENGTH ? reply->length
								     : LENGTH_UNKNOWN)) {
	case GATE_TAKEN:
		drop_reply(x);
		return PHASE_DONE;
	case GATE_KEEP:
		x->kept = true;
		return PHASE_NEXT;
	default:
		return PHASE_NEXT;
	}
}

static bool is_intercepted(const struct exchange *x)
{
	return x->l->intercept_errors && x->reply.status >= 300 && x->r->http->has_page != NULL &&
	       x->r->http->has_page(x->r, x->reply.status);
}

static enum phase_result intercept(struct exchange *x)
{
	const struct header *h = header_find(&x->reply.headers, STR("WWW-Authenticate"), 0);

	if (x->reply.status == 401 && h != NULL)
		header_add(x->r->pool, &x->r->out.headers, h->name, h->value);
	drop_reply(x);
	return request_refuse(x->r, x->reply.status);
}

/* X-Accel-Redirect contains "/path?args" or "@name". */
static enum phase_result redirect(struct exchange *x, struct str to)
{
	struct request *r = x->r;
	const char *mark = memchr(to.data, '?', to.len), *end = to.data + to.len;
	struct str path = str_between(to.data, mark != NULL ? mark : end), uri;
	char *room;

	drop_reply(x);
	if (str_starts(to, STR("@")))
		return request_redirect_named(r, to);
	room = pool_bytes(r->pool, path.len + 1);
	if (room == NULL)
		return request_refuse(r, 500);
	if (!uri_normalise(path, false, room, &uri) || !uri_is_safe(path)) {
		request_log(r, LOG_ERROR, "upstream sent an unsafe X-Accel-Redirect \"%.*s\"",
			    STR_ARGS(to));
		return request_refuse(r, 404);
	}
	if (r->method != METHOD_HEAD)
		r->method = METHOD_GET;
	return request_redirect(r, uri, mark != NULL ? str_between(mark + 1, end) : STR_NONE);
}

enum phase_result deliver_reply(struct exchange *x)
{
	enum phase_result result = ask_gate(x);
	struct accel accel;

	if (result != PHASE_NEXT)
		return result;
	if (is_intercepted(x))
		return intercept(x);
	relay_accel(x->r, &x->reply.headers, &accel);
	if (accel.redirect.len > 0)
		return redirect(x, accel.redirect);
	return send_head(x, accel.buffering != CONF_UNSET ? accel.buffering : x->l->buffering);
}

enum phase_result deliver_more(struct exchange *x)
{
	return after_stream(x, stream_read(&x->stream));
}

enum phase_result deliver_timeout(struct exchange *x)
{
	if (x->stream.rest == 0)
		stream_cut(&x->stream, "upstream timed out");
	return deliver_more(x);
}

/* ---- another protocol */

static void on_client(struct request *main)
{
	exchange_settle(main, deliver_tunnel(exchange_of(main)));
}

enum phase_result deliver_tunnel(struct exchange *x)
{
	struct request *r = x->r;
	struct tunnel *t = &x->tunnel;
	int64_t before = t->sent_down;
	enum tunnel_result result = tunnel_run(t);

	r->sent += t->sent_down - before;
	x->attempt->length = t->sent_down;
	if (result == TUNNEL_WAIT) {
		timer_start(&x->use.conn->timer, x->l->read_timeout);
		return PHASE_WAIT;
	}
	r->on_readable = r->on_writable = NULL;
	r->ended = true;
	exchange_give_back(x, false);
	x->state = ENDING;
	return PHASE_DONE;
}

static int send_upgrade_head(struct exchange *x)
{
	struct request *r = x->r;
	const struct str *protocol = reply_value(&x->reply, REPLY_UPGRADE);
	struct str more = pool_print(r->pool, "Connection: upgrade\r\nUpgrade: %.*s\r\n",
				     protocol != NULL ? (int)protocol->len : 0,
				     protocol != NULL ? protocol->data : "");
	struct str head = more.data != NULL ? relay_plain_head(r, &x->reply, more) : more;

	if (head.data == NULL || !output_add(r->client, head))
		return -1;
	r->out.status = 101;
	r->out.head_sent = true;
	r->head_size = (int64_t)head.len;
	r->sent += r->head_size;
	r->keepalive = false;
	return 0;
}

enum phase_result deliver_upgrade(struct exchange *x)
{
	struct input *in = x->input;
	struct tunnel *t = &x->tunnel;

	t->client = x->r->client;
	t->other = x->use.conn;
	t->size = (size_t)x->l->buffer_size;
	if (send_upgrade_head(x) < 0 ||
	    tunnel_begin(t, x->r->pool, str_between(in->line, in->last)) < 0)
		return exchange_end_short(x);
	x->state = TUNNEL;
	x->r->on_readable = x->r->on_writable = on_client;
	return deliver_tunnel(x);
}
