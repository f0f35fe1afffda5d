#include "client.h"

#include <unistd.h>

#include "http/request/intake.h"
#include "http/request/keepalive.h"
#include "log.h"
#include "mem/alloc.h"
#include "server.h"

/* What one client may take before the others have their turn. Less costs turns, more costs the
 * others time: 256 KiB leave in a fraction of a millisecond. */
enum { SHARE = 256 * 1024 };

int64_t client_timeout = 60000;

static uint32_t count;

static void client_close(struct client *c)
{
	if (c->pool != NULL)
		pool_destroy(c->pool);
	inputs_destroy(&c->input);
	conn_close(c->conn);
	alloc_put(&alloc_main, c, sizeof(*c));
	count--;
}

/* The first bytes are here. */
static int request_begin(struct client *c)
{
	struct request *r;

	c->pool = pool_create(POOL_BLOCK);
	r = c->pool != NULL ? pool_alloc(c->pool, sizeof(*r)) : NULL;
	if (r == NULL)
		return -1;
	r->line = (struct request_line){0};
	r->refusal = r->large_inputs = r->hosts = 0;
	r->wants_close = r->wants_keepalive = r->has_body = false;
	r->text_sent = 0;
	r->response.file = -1;
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
	c->answering = false;
	inputs_keep_newest(&c->input);
	timer_start(&c->conn->timer, client_timeout);
}

/* The file is closed when the pool is destroyed. */
static int begin_answer(struct client *c)
{
	struct request *r = c->request;

	r->response.keepalive = !quitting && keepalive_is_wanted(r) && keepalive_is_safe(r);
	http_answer(r);
	c->answering = true;
	timer_start(&c->conn->timer, client_timeout);
	if (r->response.file < 0 || pool_cleanup_fd(c->pool, r->response.file) == 0)
		return 0;
	close(r->response.file);
	return -1;
}

/* Nothing is left to parse. */
static enum io_result read_more(struct client *c)
{
	enum io_result result =
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

/* The kernel takes bytes only when the client has taken others before. */
static void note_progress(struct client *c, size_t sent)
{
	if (sent > 0)
		timer_start(&c->conn->timer, client_timeout);
}

static enum io_result send_text(struct client *c)
{
	struct request *r = c->request;
	size_t sent;
	enum io_result result =
	    conn_write(c->conn, r->response.text + r->text_sent,
		       r->response.text_length - r->text_sent, r->response.file_left > 0, &sent);

	r->text_sent += sent;
	note_progress(c, sent);
	return result;
}

static enum io_result send_file(struct client *c, size_t *share)
{
	struct response *r = &c->request->response;
	size_t most = (size_t)r->file_left < *share ? (size_t)r->file_left : *share, sent;
	enum io_result result = conn_send_file(c->conn, r->file, most, &sent);

	r->file_left -= (off_t)sent;
	note_progress(c, sent);
	*share -= sent;
	return result;
}

/* IO_OK: all of it is out. IO_EOF: and it was the last. IO_AGAIN: an event will come, or its
 * turn. */
static enum io_result answer(struct client *c)
{
	struct request *r = c->request;
	size_t share = SHARE;
	enum io_result result = IO_OK;

	while (result == IO_OK && r->text_sent < r->response.text_length)
		result = send_text(c);
	while (result == IO_OK && r->response.file_left > 0 && share > 0)
		result = send_file(c, &share);
	if (result != IO_OK)
		return result;
	if (r->response.file_left > 0) {
		conn_post_next(c->conn); /* its share is used up: others have their turn */
		return IO_AGAIN;
	}
	if (!r->response.keepalive)
		return IO_EOF;
	request_end(c);
	return IO_OK;
}

static void client_run(struct client *c)
{
	enum io_result result;

	do
		result = c->answering ? answer(c) : read_head(c);
	while (result == IO_OK);
	if (result > IO_AGAIN || (quitting && !c->answering))
		client_close(c);
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
	struct client *c = alloc_get(&alloc_main, sizeof(*c));

	if (c == NULL) {
		log_errno("alloc_get", conn->fd);
		conn_close(conn);
		return;
	}
	*c = (struct client){.conn = conn};
	count++;
	conn->calls = &client_calls;
	conn->owner = c;
	timer_start(&conn->timer, client_timeout);
	if (conn_watch(conn) < 0)
		client_close(c);
}

/* The table knows all, and a client may go while we walk: its slot stays where it is. */
static void each_client(void (*call)(struct client *c))
{
	struct conn *conn;

	for (uint32_t i = 0; (conn = conn_at(i)) != NULL; i++)
		if (conn_is_open(conn) && conn->calls == &client_calls)
			call(conn->owner);
}

void clients_leave(void)
{
	each_client(client_run);
}

void clients_drop(void)
{
	each_client(client_close);
}

bool clients_are_there(void)
{
	return count > 0;
}
