#include "client.h"

#include <stdlib.h>
#include <unistd.h>

#include "log.h"
#include "server.h"

/* What one client may take before the others have their turn. Less costs turns, more costs the
 * others time: 256 KiB leave in a fraction of a millisecond. */
enum { SHARE = 256 * 1024 };

int64_t client_timeout = 60000;

static uint32_t count;

static void client_close(struct client *c)
{
	if (c->response.file >= 0)
		close(c->response.file);
	conn_close(c->conn);
	free(c);
	count--;
}

static enum io_result read_head(struct client *c)
{
	size_t room = sizeof(c->in) - 1 - c->in_length, got; /* 1: the parser wants a string */
	enum io_result result = conn_read(c->conn, c->in + c->in_length, room, &got);

	c->in_length += got;
	c->in[c->in_length] = '\0';
	if (got == room || http_head_complete(c->in, c->in_length)) {
		http_answer(&c->response, c->in, c->in_length);
		c->answering = true;
		timer_start(&c->conn->timer, client_timeout);
	}
	return result;
}

/* The kernel takes bytes only when the client has taken others before. */
static void note_progress(struct client *c, size_t sent)
{
	if (sent > 0)
		timer_start(&c->conn->timer, client_timeout);
}

static enum io_result send_text(struct client *c)
{
	size_t sent;
	enum io_result result =
	    conn_write(c->conn, c->response.text + c->text_sent,
		       c->response.text_length - c->text_sent, c->response.file_left > 0, &sent);

	c->text_sent += sent;
	note_progress(c, sent);
	return result;
}

static enum io_result send_file(struct client *c, size_t *share)
{
	struct response *r = &c->response;
	size_t most = (size_t)r->file_left < *share ? (size_t)r->file_left : *share, sent;
	enum io_result result = conn_send_file(c->conn, r->file, most, &sent);

	r->file_left -= (off_t)sent;
	note_progress(c, sent);
	*share -= sent;
	return result;
}

/* IO_EOF: all of it is out. IO_AGAIN: an event will come, or its turn. */
static enum io_result answer(struct client *c)
{
	size_t share = SHARE;
	enum io_result result = IO_OK;

	while (result == IO_OK && c->text_sent < c->response.text_length)
		result = send_text(c);
	while (result == IO_OK && c->response.file_left > 0 && share > 0)
		result = send_file(c, &share);
	if (result != IO_OK)
		return result;
	if (c->response.file_left == 0)
		return IO_EOF;
	conn_post_next(c->conn); /* its share is used up: others have their turn */
	return IO_AGAIN;
}

static void client_run(struct client *c)
{
	enum io_result result = IO_AGAIN;

	while (!c->answering && c->conn->may_read && result <= IO_AGAIN)
		result = read_head(c);
	if (c->answering)
		result = answer(c);
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
	struct client *c = malloc(sizeof(*c));

	if (c == NULL) {
		log_errno("malloc", conn->fd);
		conn_close(conn);
		return;
	}
	c->conn = conn;
	c->answering = false;
	c->in_length = c->text_sent = 0;
	c->response.text_length = 0;
	c->response.file = -1;
	c->response.file_left = 0;
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
