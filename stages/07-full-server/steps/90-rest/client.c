#include "client.h"

#include "http/client/linger.h"
#include "http/request/intake.h"
#include "http/request/keepalive.h"
#include "http/work/slow.h"
#include "log.h"
#include "mem/alloc.h"
#include "server.h"

/* Bytes that one client may take before the others are served. A smaller share costs more
 * turns, a larger one makes the others wait longer: 256 KiB leave in a fraction of a
 * millisecond. */
enum { SHARE = 256 * 1024 };

/* A client whose connection was kept open may be sending its next request at this moment, and a
 * close would lose it. So idle clients of a worker that leaves have this long, in ms. */
enum { GRACE = 1000 };

int64_t client_timeout = 60000;

static uint32_t count;

static void client_close(struct client *c)
{
	if (c->pool != NULL)
		pool_destroy(c->pool);
	output_forget(c);
	inputs_destroy(&c->input);
	conn_close(c->conn);
	alloc_give(&alloc_main, c, sizeof(*c));
	count--;
}

static void wait_for_request(struct client *c)
{
	timer_start(&c->conn->timer, quitting && client_timeout > GRACE ? GRACE : client_timeout);
}

/* The first bytes are here. */
static int request_begin(struct client *c)
{
	struct request *r;

	c->pool = pool_create(POOL_BLOCK);
	r = c->pool != NULL ? pool_alloc(c->pool, sizeof(*r)) : NULL;
	if (r == NULL)
		return -1;
	r->pool = c->pool;
	r->line = (struct request_line){0};
	r->refusal = r->large_inputs = r->hosts = 0;
	r->wants_close = r->wants_keepalive = r->expects = false;
	r->body = (struct body){.kind = BODY_NONE};
	r->response = (struct response){.file = -1};
	c->request = r;
	timer_start(&c->conn->timer, client_timeout);
	return 0;
}

/* The next request may be in the input already. */
static void request_end(struct client *c)
{
	pool_destroy(c->pool);
	c->pool = NULL;
	c->request = NULL;
	c->state = CLIENT_HEAD;
	inputs_keep_newest(&c->input);
	wait_for_request(c);
}

static int begin_answer(struct client *c)
{
	struct request *r = c->request;

	r->response.keepalive = !quitting && keepalive_is_wanted(r) && keepalive_is_safe(r);
	timer_start(&c->conn->timer, client_timeout);
	if (slow_is_asked(r) && slow_start(c) == 0) {
		c->state = CLIENT_WAIT;
		return 0;
	}
	if (slow_is_asked(r))
		r->refusal = 503;
	c->state = CLIENT_ANSWER;
	return http_answer(r);
}

/* Nothing is left to parse: before the client has to wait, it gets its answers. */
static enum io_result read_more(struct client *c)
{
	enum io_result result = output_flush(c);

	if (result == IO_OK)
		result =
		    c->conn->may_read ? input_read(&c->input, c->conn, INPUT_SIZE) : IO_AGAIN;
	if (result == IO_AGAIN && c->request == NULL)
		inputs_destroy(&c->input); /* idle: what waits needs no buffer */
	return result;
}

/* Takes the lines that are complete, then reads once. */
static enum io_result read_head(struct client *c)
{
	if (c->request == NULL && input_has_bytes(c->input) && request_begin(c) < 0)
		return IO_ERROR;
	if (c->request == NULL)
		return read_more(c);
	switch (intake_head(c->request, &c->input)) {
	case INTAKE_MORE:
		return read_more(c);
	case INTAKE_WHOLE:
		return begin_answer(c) < 0 ? IO_ERROR : IO_OK;
	default:
		return IO_ERROR;
	}
}

/* IO_OK: all of it is gathered or sent. IO_AGAIN: an event will come, or its turn. */
static enum io_result answer(struct client *c)
{
	struct response *r = &c->request->response;
	enum io_result result = output_gather(c, &r->pending);

	if (result == IO_OK && r->pending != NULL)
		result = output_file(c, &r->pending, SHARE);
	if (result != IO_OK)
		return result;
	if (r->pending != NULL) {
		conn_post_next(c->conn); /* its share is used up: others have their turn */
		return IO_AGAIN;
	}
	c->state = r->keepalive ? CLIENT_BODY : CLIENT_LEAVE;
	return IO_OK;
}

/* The answers so far are sent. If the client has reset the connection, only a read reports it.
 * Otherwise the read brings the beginning of the next request. */
static enum io_result wait_for_thread(struct client *c)
{
	enum io_result result = output_flush(c);

	if (result == IO_OK && c->conn->may_read && c->input->last < c->input->end)
		result = input_read(&c->input, c->conn, INPUT_SIZE);
	return result == IO_ERROR ? IO_ERROR : IO_AGAIN;
}

/* The answer does not wait for the body, but the next request does. */
static enum io_result skip_body(struct client *c)
{
	switch (body_drop(&c->request->body, c->input)) {
	case BODY_WHOLE:
		request_end(c);
		return IO_OK;
	case BODY_MORE:
		return read_more(c);
	default:
		c->state = CLIENT_LEAVE;
		return IO_OK;
	}
}

/* IO_EOF: it can be closed. */
static enum io_result leave(struct client *c)
{
	enum io_result result = output_flush(c);

	if (result != IO_OK)
		return result;
	if (!linger_is_needed(c))
		return IO_EOF;
	c->state = CLIENT_LINGER;
	return linger_begin(c);
}

static enum io_result client_step(struct client *c)
{
	if (c->unsent != NULL)
		return output_resume(c);
	switch (c->state) {
	case CLIENT_WAIT:
		return wait_for_thread(c);
	case CLIENT_ANSWER:
		return answer(c);
	case CLIENT_BODY:
		return skip_body(c);
	case CLIENT_LEAVE:
		return leave(c);
	case CLIENT_LINGER:
		return linger_step(c);
	default:
		return read_head(c);
	}
}

static void client_run(struct client *c)
{
	enum io_result result;

	do
		result = client_step(c);
	while (result == IO_OK);
	if (result > IO_AGAIN)
		client_close(c);
}

void client_answer(struct client *c, struct str text)
{
	c->state = CLIENT_ANSWER;
	if (http_answer_text(c->request, text) < 0)
		client_close(c);
	else
		client_run(c);
}

static void on_ready(struct conn *conn)
{
	client_run(conn->owner);
}

static void on_timeout(struct conn *conn)
{
	client_close(conn->owner);
}

static const struct conn_calls client_calls = {.on_readable = on_ready,
					       .on_writable = on_ready,
					       .on_posted = on_ready,
					       .on_timeout = on_timeout};

void client_accept(struct conn *conn)
{
	struct client *c = alloc_take(&alloc_main, sizeof(*c));

	if (c == NULL) {
		log_errno("alloc_take", conn->fd);
		conn_close(conn);
		return;
	}
	*c = (struct client){.conn = conn};
	count++;
	conn->calls = &client_calls;
	conn->owner = c;
	wait_for_request(c);
	if (conn_watch(conn) < 0)
		client_close(c);
}

/* The table has all clients. A client may be closed during the walk, because its slot stays
 * where it is. */
static void each_client(void (*call)(struct client *c))
{
	struct conn *conn;

	for (uint32_t i = 0; (conn = conn_at(i)) != NULL; i++)
		if (conn_is_open(conn) && conn->calls == &client_calls)
			call(conn->owner);
}

static void hurry(struct client *c)
{
	if (c->request == NULL && c->unsent == NULL)
		wait_for_request(c);
}

void clients_leave(void)
{
	each_client(hurry);
}

void clients_drop(void)
{
	each_client(client_close);
}

bool clients_are_there(void)
{
	return count > 0;
}
