#include "conn.h"

#include "answer.h"
#include "limit.h"
#include "log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

/* Bytes that one client may move before the other clients have a turn. */
enum { SHARE = 256 * 1024 };

struct conn *conn_open(int fd)
{
	struct conn *c = calloc(1, sizeof *c);

	if (!c) {
		log_errno("calloc", fd);
		close(fd);
		return NULL;
	}
	c->fd = fd;
	c->want = WANT_READ;
	c->response.file = -1;
	idle_wait(&c->idle);
	return c;
}

void conn_close(struct conn *c)
{
	idle_end(&c->idle);
	if (c->response.file >= 0)
		close(c->response.file);
	close(c->fd);
	free(c);
}

/* A call moved no byte. Unless it would only have had to wait, the connection ends. */
static void conn_stuck(struct conn *c, const char *call, ssize_t n)
{
	if (n < 0 && errno == EAGAIN) {
		c->blocked = true;
		return;
	}
	if (n < 0)
		log_errno(call, c->fd);
	c->want = WANT_CLOSE;
}

/* Splits the value at commas, one word after the other. */
static bool value_has(const struct value *v, const char *word)
{
	size_t at = 0, wanted = strlen(word);

	for (;;) {
		size_t from = at, to;

		while (at < v->length && v->text[at] != ',')
			at++;
		to = at;
		while (from < to && strchr(" \t", v->text[from]))
			from++;
		while (to > from && strchr(" \t", v->text[to - 1]))
			to--;
		if (to - from == wanted && strncasecmp(v->text + from, word, wanted) == 0)
			return true;
		if (at++ >= v->length)
			return false;
	}
}

static bool keeps_open(const struct head *h, const struct conn *c)
{
	bool close = c->requests == requests_most, keep = h->minor == 1;
	struct value v;

	for (size_t at = 0; head_field(h, "connection", &at, &v);) {
		close |= value_has(&v, "close");
		keep |= value_has(&v, "keep-alive");
	}
	for (size_t at = 0; head_field(h, LAST_FIELD, &at, &v);)
		close |= value_has(&v, "yes");
	return keep && !close;
}

static void answer_begin(struct conn *c)
{
	c->text_sent = 0;
	c->budget--;
	c->want = WANT_WRITE;
}

static void refuse(struct conn *c, int status)
{
	answer_error(&c->response, status);
	c->final = true;
	answer_begin(c);
}

/* Looks at what is behind the cursor; true: an answer has begun. */
static bool look(struct conn *c)
{
	size_t have = c->in_length - c->in_start;
	struct head h;
	int length;

	if (c->ignore > 0) {
		size_t n = c->ignore < (int64_t)have ? (size_t)c->ignore : have;

		c->ignore -= (int64_t)n;
		c->in_start += n;
		have -= n;
	}
	if (c->ignore > 0 || have == 0)
		return false;
	length = head_parse(c->in + c->in_start, have, &h);
	if (length == 0)
		return false;
	c->requests++;
	if (length < 0) {
		refuse(c, -length);
		return true;
	}
	if (h.body > BODY_MOST) {
		refuse(c, 413);
		return true;
	}
	c->final = !keeps_open(&h, c);
	answer_make(&c->response, c->in + c->in_start, (size_t)length, !c->final);
	c->in_start += (size_t)length;
	c->ignore = h.body;
	answer_begin(c);
	return true;
}

static void conn_read(struct conn *c)
{
	ssize_t n;

	if (c->closing)
		c->in_start = c->in_length;
	else if (look(c))
		return;
	if (c->in_start > 0) { /* only when more is needed */
		c->in_length -= c->in_start;
		memmove(c->in, c->in + c->in_start, c->in_length);
		c->in_start = 0;
	}
	n = read(c->fd, c->in + c->in_length, sizeof c->in - c->in_length);
	if (n <= 0) {
		conn_stuck(c, "read", n);
		return;
	}
	c->in_length += (size_t)n;
	c->share -= c->share > (size_t)n ? (size_t)n : c->share;
	if (!c->closing)
		idle_wait(&c->idle);
}

static void conn_write(struct conn *c)
{
	struct response *r = &c->response;
	bool head = c->text_sent < r->text_length;
	ssize_t n;

	if (head)
		n = send(c->fd, r->text + c->text_sent, r->text_length - c->text_sent,
			 r->file_left ? MSG_MORE : 0);
	else
		n = sendfile(c->fd, r->file, NULL,
			     (size_t)r->file_left < c->share ? (size_t)r->file_left : c->share);
	if (n <= 0) {
		conn_stuck(c, head ? "send" : "sendfile", n);
		return;
	}
	if (head)
		c->text_sent += (size_t)n;
	else
		r->file_left -= n;
	c->share -= c->share > (size_t)n ? (size_t)n : c->share;
	idle_wait(&c->idle);
	if (c->text_sent < r->text_length || r->file_left > 0)
		return;
	if (r->file >= 0)
		close(r->file);
	r->file = -1;
	c->want = WANT_READ;
	if (c->final) {
		c->closing = true;
		shutdown(c->fd, SHUT_WR);
		idle_linger(&c->idle);
	}
}

void conn_step(struct conn *c)
{
	c->blocked = false;
	c->share = SHARE;
	c->budget = TURN_MOST;
	while (!c->blocked && c->share > 0 && c->want != WANT_CLOSE) {
		if (c->want == WANT_WRITE)
			conn_write(c);
		else if (c->budget == 0 && !c->closing)
			break;
		else
			conn_read(c);
	}
}
