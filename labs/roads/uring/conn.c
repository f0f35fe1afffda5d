#include "conn.h"

#include "log.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct conn *conn_open(int fd)
{
	struct conn *c = malloc(sizeof *c);

	if (!c) {
		log_errno("malloc", fd);
		close(fd);
		return NULL;
	}
	c->fd = fd;
	c->want = WANT_READ;
	c->in_length = c->piece_length = c->piece_sent = 0;
	c->response.text_length = 0;
	c->response.file = -1;
	c->response.file_left = 0;
	return c;
}

void conn_close(struct conn *c)
{
	if (c->response.file >= 0)
		close(c->response.file);
	close(c->fd);
	free(c);
}

/* A request moved no byte: its connection ends. */
static void conn_stuck(struct conn *c, const char *call, int result)
{
	if (result < 0) {
		errno = -result;
		log_errno(call, c->fd);
	}
	c->want = WANT_CLOSE;
}

static size_t room(const struct conn *c)
{
	return sizeof c->in - 1 -
	       c->in_length; /* 1: for the zero byte that makes it a string */
}

/* What is left of the file, as far as there is room in the piece. */
static size_t next_part(const struct conn *c)
{
	size_t most = sizeof c->piece - c->piece_length;

	return (size_t)c->response.file_left < most ? (size_t)c->response.file_left : most;
}

static void read_done(struct conn *c, int result)
{
	struct response *r = &c->response;
	bool full = (size_t)result == room(c);

	if (result <= 0) {
		conn_stuck(c, "recv", result);
		return;
	}
	c->in_length += (size_t)result;
	c->in[c->in_length] = '\0';
	if (full || http_head_complete(c->in, c->in_length)) {
		http_answer(r, c->in, c->in_length);
		/* the head begins the first piece, so that both leave in one packet */
		memcpy(c->piece, r->text, r->text_length);
		c->piece_length = r->text_length;
		c->want = r->file_left > 0 ? WANT_FILE : WANT_WRITE;
	}
}

/* 0: the file has become shorter than the Content-Length we sent. We close before that length,
 * so that the client knows that the answer is incomplete. */
static void file_done(struct conn *c, int result)
{
	if (result <= 0) {
		conn_stuck(c, "read", result);
		return;
	}
	c->piece_length += (size_t)result;
	c->response.file_left -= result;
	c->want = WANT_WRITE;
}

static void write_done(struct conn *c, int result)
{
	if (result <= 0) {
		conn_stuck(c, "send", result);
		return;
	}
	c->piece_sent += (size_t)result;
	if (c->piece_sent < c->piece_length)
		return;
	c->piece_length = c->piece_sent = 0;
	c->want = c->response.file_left > 0 ? WANT_FILE : WANT_CLOSE;
}

/* The arguments of recv, read and send, in a form that is handed in. */
void conn_ask(const struct conn *c, struct io_uring_sqe *request)
{
	if (c->want == WANT_READ) {
		request->opcode = IORING_OP_RECV;
		request->fd = c->fd;
		request->addr = (uintptr_t)(c->in + c->in_length);
		request->len = (unsigned)room(c);
	} else if (c->want == WANT_FILE) {
		request->opcode = IORING_OP_READ;
		request->fd = c->response.file;
		request->addr = (uintptr_t)(c->piece + c->piece_length);
		request->len = (unsigned)next_part(c);
		request->off = (uint64_t)-1; /* where the last read has ended */
	} else {
		request->opcode = IORING_OP_SEND;
		request->fd = c->fd;
		request->addr = (uintptr_t)(c->piece + c->piece_sent);
		request->len = (unsigned)(c->piece_length - c->piece_sent);
		request->msg_flags = c->response.file_left > 0 ? MSG_MORE : 0;
	}
}

void conn_done(struct conn *c, int result)
{
	if (c->want == WANT_READ)
		read_done(c, result);
	else if (c->want == WANT_FILE)
		file_done(c, result);
	else
		write_done(c, result);
}
