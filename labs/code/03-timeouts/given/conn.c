#include "conn.h"

#include "log.h"
#include "variant.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

/* What the kernel keeps of an answer for one client. The kernel's own choice is some megabytes:
 * then poll would call such a socket writable only when the client has read a megabyte. */
enum { SEND_BUFFER = 32 * 1024 };

struct conn *conn_open(int fd)
{
	struct conn *c = malloc(sizeof *c);
	int size = SEND_BUFFER;

	if (!c) {
		log_errno("malloc", fd);
		close(fd);
		return NULL;
	}
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	c->fd = fd;
	c->want = WANT_READ;
	c->deadline = (struct deadline){0};
	c->in_length = c->text_sent = 0;
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

void conn_reset(struct conn *c)
{
	struct linger at_once = {.l_onoff = 1};

	setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	conn_close(c);
}

void conn_late(struct conn *c)
{
	c->response.text_length = (size_t)sprintf(c->response.text,
						  "HTTP/1.0 %d Late\r\n"
						  "Content-Length: 0\r\n"
						  "Connection: close\r\n"
						  "\r\n",
						  LATE_STATUS);
	c->want = WANT_WRITE;
}

/* A call moved no byte. Unless it can be tried again, the connection ends. */
static void conn_stuck(struct conn *c, const char *call, ssize_t n)
{
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n < 0)
		log_errno(call, c->fd);
	c->want = WANT_CLOSE;
}

static void conn_read(struct conn *c)
{
	size_t room =
	    sizeof c->in - 1 - c->in_length; /* 1: for the zero byte that makes it a string */
	ssize_t n = read(c->fd, c->in + c->in_length, room);

	if (n <= 0) {
		conn_stuck(c, "read", n);
		return;
	}
	c->moved = true;
	c->in_length += (size_t)n;
	c->in[c->in_length] = '\0';
	if ((size_t)n == room || http_head_complete(c->in, c->in_length)) {
		http_answer(&c->response, c->in, c->in_length);
		c->want = WANT_WRITE;
	}
}

/* Sends the text, then the file. sendfile copies the file inside the kernel, so that a file of
 * any size costs us no memory. */
static void conn_write(struct conn *c)
{
	struct response *r = &c->response;
	ssize_t n;

	if (c->text_sent < r->text_length) {
		/* MSG_MORE: the file follows; don't send a small packet with the head alone */
		n = send(c->fd, r->text + c->text_sent, r->text_length - c->text_sent,
			 r->file_left > 0 ? MSG_MORE : 0);
		if (n > 0)
			c->text_sent += (size_t)n;
	} else {
		n = sendfile(c->fd, r->file, NULL, (size_t)r->file_left);
		if (n > 0)
			r->file_left -= n;
	}
	c->moved = n > 0;
	/* sendfile returned 0: the file has become shorter than the Content-Length we sent. We
	 * close before that length, so that the client knows that the answer is incomplete. */
	if (n <= 0)
		conn_stuck(c, c->text_sent < r->text_length ? "send" : "sendfile", n);
	else if (c->text_sent == r->text_length && r->file_left == 0)
		c->want = WANT_CLOSE;
}

void conn_step(struct conn *c)
{
	c->moved = false;
	if (c->want == WANT_READ)
		conn_read(c);
	else
		conn_write(c);
}
