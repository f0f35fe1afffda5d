#include "http/client/serve.h"

#include <assert.h>
#include <errno.h>

#include "base/clock.h"
#include "http/answer/finish.h"
#include "http/answer/send.h"
#include "http/answer/subrequest.h"
#include "http/client/linger.h"
#include "http/request/intake.h"
#include "http/request/request.h"
#include "http/wire/output.h"
#include "mem/alloc.h"

extern struct module clients_module;

static uint64_t last_number;

/*
 * GRACE means the time, in ms, that an idle client has to send a request when this process is
 * going to exit. The client may be sending its next request. If the server closed the
 * connection immediately, this request would be lost.
 */
enum { GRACE = 1000 };

struct head_times {
	int64_t header_timeout, header_buffer_size;
};

static const struct head_times *head_times(const struct client *c)
{
	return point_section(c->point, LEVEL_SERVER, &clients_module);
}

/* Returns the section of a module for the request. While there is no request, returns the
 * section for the address. */
static const void *settings(const struct client *c, const struct module *m)
{
	return c->request != NULL ? request_section(c->request, LEVEL_LOCATION, m)
				  : point_section(c->point, LEVEL_LOCATION, m);
}

static void wait_for_socket(struct client *c)
{
	const struct send_rules *rules = settings(c, &send_module);

	client_wait(c, rules->timeout);
}

/*
 * For some responses, only the end of the connection shows the end of the response. If such a
 * response is not complete, the connection is reset. After a normal end the client would think
 * that it has the whole response.
 */
static void spoil_end(struct client *c)
{
	const struct request *r = c->request;

	if (r != NULL && r->until_close && (request_is_cut_short(r) || c->unsent != NULL))
		c->reset = true;
}

static void client_close(struct client *c)
{
	struct conn *conn = c->conn;

	spoil_end(c);
	if (c->request != NULL)
		request_end(c->request);
	if (c->pool != NULL)
		pool_destroy(c->pool);
	output_forget(c);
	inputs_destroy(&c->input);
	if (c->reset)
		net_reset_on_close(conn->fd);
	client_enter(c, CLIENT_IDLE);
	client_stats.waiting--;
	alloc_give(&alloc_main, c, sizeof(*c));
	conn_close(conn);
}

static void start_idle_timer(struct client *c)
{
	const struct keepalive_rules *k = settings(c, &keepalive_module);
	int64_t ms = c->requests > 0 ? k->timeout : head_times(c)->header_timeout;

	client_wait(c, clients_are_leaving() && ms > GRACE ? GRACE : ms);
}

/* Frees the input. An idle connection keeps only its struct client and its slot in the table of
 * connections. */
static void go_idle(struct client *c)
{
	inputs_destroy(&c->input);
	client_enter(c, CLIENT_IDLE);
	start_idle_timer(c);
	conn_set_reusable(c->conn, true);
}

static void leave_idle(struct client *c)
{
	client_enter(c, CLIENT_HEAD);
	conn_set_reusable(c->conn, false);
	client_wait_forever(c);
}

/* Reads more bytes of a head. Returns false if there are no bytes now, or if the connection
 * is over. */
static bool head_read(struct client *c)
{
	enum io_result result;

	if (!c->conn->may_read)
		return false;
	result = input_read(&c->input, c->conn, (size_t)head_times(c)->header_buffer_size);
	if (result == IO_OK)
		return true;
	if (result == IO_ERROR && errno != ECONNRESET)
		log_errno(log_main, LOG_INFO, "*%llu recv(fd=%d)", (unsigned long long)c->number,
			  c->conn->fd);
	c->lost = result != IO_AGAIN;
	return false;
}

static bool head_begin(struct client *c)
{
	c->request = request_create(c, response_finish);
	if (c->request == NULL) {
		c->lost = true;
		return false;
	}
	return true;
}

/* Sends all responses that wait. Call send_answers before the next head is read. Returns false
 * if the socket is full, or if the connection is lost. */
static bool send_answers(struct client *c)
{
	bool was_full = c->unsent != NULL;

	if (was_full && !c->conn->may_write)
		return false;
	switch (was_full ? output_resume(c) : output_flush(c)) {
	case SEND_DONE:
		if (was_full)
			client_wait_forever(c);
		return true;
	case SEND_AGAIN:
		wait_for_socket(c);
		return false;
	case SEND_ERROR:
		break;
	}
	return false;
}

/* Returns true if the next step can run. Returns false if the client must wait for an event,
 * or if the connection is lost. */
static bool head_step(struct client *c)
{
	if (c->request == NULL && input_has_bytes(c->input) && !head_begin(c))
		return false;
	if (c->request != NULL) {
		switch (intake_head(c->request)) {
		case INTAKE_MORE:
			break;
		case INTAKE_WHOLE:
			client_enter(c, CLIENT_BUSY);
			client_wait_forever(c);
			c->requests++;
			client_stats.requests++;
			request_begin(c->request);
			return true;
		case INTAKE_LOST:
			c->lost = true;
			return false;
		}
	}
	if (!send_answers(c))
		return false;
	if (head_read(c))
		return true;
	if (c->lost)
		return false;
	if (c->request == NULL)
		go_idle(c);
	else if (!timer_is_running(&c->conn->timer))
		client_wait(c, head_times(c)->header_timeout);
	return false;
}

/* The request is over, but the socket may not have taken all bytes of the response. */
static bool done_step(struct client *c)
{
	struct request *r = c->request;

	if (!r->keepalive) {
		c->leaving = true;
		spoil_end(c);
		c->linger = !c->reset && linger_is_needed(r);
	}
	client_wait_forever(c);
	if (c->leaving && output_flush(c) == SEND_ERROR)
		return false;
	if (c->unsent != NULL) {
		client_enter(c, CLIENT_FLUSHING);
		wait_for_socket(c);
		return false;
	}
	if (c->leaving && !c->linger) {
		c->lost = true;
		return false;
	}
	if (c->leaving) {
		client_enter(c, CLIENT_LINGERING);
		linger_begin(c, keepalive_rules(r));
	}
	c->request = NULL;
	request_end(r);
	inputs_keep_newest(&c->input);
	c->large_inputs = 0;
	c->pipelined = input_has_bytes(c->input);
	if (!c->leaving)
		client_enter(c, CLIENT_HEAD);
	return !c->lost;
}

/* The handler of the request waits. busy_step sends the bytes that the handler has already
 * written. */
static bool busy_step(struct client *c)
{
	if (subrequest_run_next(c->request))
		return true;
	output_flush(c);
	return false;
}

static bool flushing_step(struct client *c)
{
	if (!c->conn->may_write || output_resume(c) != SEND_DONE)
		return false;
	client_enter(c, CLIENT_DONE);
	return true;
}

static bool client_step(struct client *c)
{
	switch ((enum client_state)c->state) {
	case CLIENT_IDLE:
		leave_idle(c);
		return true;
	case CLIENT_HEAD:
		return head_step(c);
	case CLIENT_BUSY:
		return busy_step(c);
	case CLIENT_DONE:
		return done_step(c);
	case CLIENT_FLUSHING:
		return flushing_step(c);
	case CLIENT_LINGERING:
		return linger_step(c);
	}
	return false;
}

void client_run(struct client *c)
{
	if (c->running)
		return;
	c->running = true;
	while (!c->lost && client_step(c))
		;
	if (!c->lost && conn_watch(c->conn) < 0)
		c->lost = true;
	if (c->lost) {
		client_close(c);
		return;
	}
	c->running = false;
}

/* Calls a handler of the request when an event comes. At that time client_run is not running.
 * So `running` is set, and the handler behaves as inside client_run. */
static void call_request(struct client *c, void (*handler)(struct request *r))
{
	if (handler == NULL)
		return;
	c->running = true;
	handler(c->request);
	c->running = false;
}

/*
 * Called when the client's socket is readable while the request waits for a file or an
 * upstream. After a FIN the client still reads the response, so the request goes on. If the
 * client has reset the connection, the request ends.
 */
static void notice_leaving(struct request *r)
{
	errno = net_error(r->client->conn->fd);
	if (errno == 0)
		return;
	request_log_errno(r, LOG_INFO, "client left before its answer was whole");
	request_abort(r);
}

static void on_readable(struct conn *conn)
{
	struct client *c = conn->owner;

	if (c->state == CLIENT_BUSY)
		call_request(c, c->request->on_readable != NULL ? c->request->on_readable
								: notice_leaving);
	if (c->state != CLIENT_FLUSHING)
		client_run(c);
}

static void on_writable(struct conn *conn)
{
	struct client *c = conn->owner;

	if (c->state == CLIENT_BUSY && c->unsent != NULL && output_resume(c) == SEND_AGAIN)
		return;
	if (c->state == CLIENT_BUSY && !c->delayed)
		call_request(c, c->request->on_writable);
	if (c->state != CLIENT_IDLE)
		client_run(c);
}

static void on_posted(struct conn *conn)
{
	struct client *c = conn->owner;

	if (c->state == CLIENT_BUSY && !c->delayed)
		call_request(c, c->request->on_writable);
	client_run(c);
}

static void note_timeout(struct client *c, struct request *r)
{
	request_log(r, LOG_INFO,
		    c->state == CLIENT_HEAD ? "client timed out while sending its request"
					    : "client timed out while the answer was sent to it");
	if (!r->out.head_sent)
		r->out.status = 408;
	c->reset = send_rules(r)->reset_timedout;
}

static void on_timeout(struct conn *conn)
{
	struct client *c = conn->owner;

	if (c->state == CLIENT_BUSY && c->delayed) {
		c->delayed = false;
		call_request(c, c->request->on_writable);
	} else if (c->state == CLIENT_BUSY && c->request->on_timeout != NULL) {
		call_request(c, c->request->on_timeout);
	} else {
		if (c->request != NULL)
			note_timeout(c, c->request);
		c->lost = true;
	}
	client_run(c);
}

static void on_reuse(struct conn *conn)
{
	struct client *c = conn->owner;

	c->lost = true;
	client_run(c);
}

static const struct conn_calls client_calls = {
    .on_readable = on_readable,
    .on_writable = on_writable,
    .on_timeout = on_timeout,
    .on_posted = on_posted,
    .on_reuse = on_reuse,
};

static struct listen_point *client_point_of(struct listen_point *p, const struct conn *c)
{
	struct address local;

	if (p->specific.count == 0 || net_local_address(c->fd, &local) < 0)
		return p;
	for (size_t i = 0; i < p->specific.count; i++) {
		struct listen_point *s = ((struct listen_point **)p->specific.items)[i];

		if (address_equal(&s->address, &local))
			return s;
	}
	return p;
}

void client_accept(struct listener *l, struct conn *conn)
{
	struct client *c = alloc_take(&alloc_main, sizeof(*c));

	if (c == NULL) {
		conn_close(conn);
		return;
	}
	*c = (struct client){
	    .conn = conn,
	    .point = client_point_of(l->owner, conn),
	    .since = now.ms,
	    .number = ++last_number,
	    .state = CLIENT_IDLE,
	};
	client_stats.waiting++;
	conn->calls = &client_calls;
	conn->owner = c;
	/* Often the first bytes have already come. So client_run tries to read before epoll
	 * reports them. */
	client_run(c);
}

/* `visit` may close the connection. The loop stays valid, because the slots of the table do not
 * move. */
static void for_each_client(void (*visit)(struct conn *conn))
{
	struct conn *conn;

	for (uint32_t i = 0; (conn = conn_at(i)) != NULL; i++)
		if (conn_is_open(conn) && conn->calls == &client_calls)
			visit(conn);
}

static void hurry(struct conn *conn)
{
	struct client *c = conn->owner;

	if (c->state == CLIENT_IDLE)
		start_idle_timer(c);
}

/* ---- the module: its functions for a process that serves clients */

static int start(void *section)
{
	clients_drive_with(client_run);
	return 0;
}

/* Idle clients are closed after GRACE. The other clients are closed after their response. */
static void leave(void *section)
{
	clients_set_leaving();
	for_each_client(hurry);
}

static bool is_busy(void *section)
{
	return client_stats.reading + client_stats.writing + client_stats.waiting > 0;
}

static void stop(void *section)
{
	for_each_client(on_reuse);
	inputs_release_kept();
}

static int setup(struct conf *cf)
{
	return points_listen(cf, http_of(cf), client_accept);
}

#define ROW(name, set, member, otherwise)                                                          \
	{                                                                                          \
		name, IN_HTTP | IN_SERVER | ARGS_1, set, LEVEL_SERVER,                             \
		    SETTING(struct head_times, member, otherwise)                                  \
	}

static const struct directive directives[] = {
    ROW("client_header_timeout", conf_set_ms, header_timeout, 60000),
    ROW("client_header_buffer_size", conf_set_size, header_buffer_size, 4096),
    {.name = NULL},
};

static const struct http_hooks hooks = {.server_size = sizeof(struct head_times), .setup = setup};

struct module clients_module = {
    .name = "clients",
    .kind = MODULE_HTTP,
    .directives = directives,
    .hooks = &hooks,
    .start = start,
    .leave = leave,
    .is_busy = is_busy,
    .stop = stop,
    .numbers = client_numbers,
};
