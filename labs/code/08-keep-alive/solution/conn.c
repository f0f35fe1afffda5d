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
	/* LAB-BEGIN 6: from now on it may not do nothing for long */
	idle_wait(&c->idle);
	/* LAB-ELSE
	LAB-END */
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

/* LAB-BEGIN 2: does the connection go on after this request? (about 35 lines) */
/* Is WORD one of the words of a list "a, b,c"? In any case. */
static bool has_word(struct value list, const char *word)
{
	const char *p = list.text, *end = list.text + list.length;
	size_t n = strlen(word);

	while (p < end) {
		const char *first, *comma;

		while (p < end && (*p == ' ' || *p == '\t'))
			p++;
		first = p;
		comma = memchr(p, ',', (size_t)(end - p));
		p = comma ? comma : end;
		while (p > first && (p[-1] == ' ' || p[-1] == '\t'))
			p--;
		if ((size_t)(p - first) == n && strncasecmp(first, word, n) == 0)
			return true;
		p = comma ? comma + 1 : end;
	}
	return false;
}

static bool field_has(const struct head *h, const char *name, const char *word)
{
	struct value v;

	for (size_t at = 0; head_field(h, name, &at, &v);)
		if (has_word(v, word))
			return true;
	return false;
}

static bool keeps_open(const struct head *h, const struct conn *c)
{
	if (c->requests >= requests_most)
		return false;
	if (field_has(h, "Connection", "close") || field_has(h, LAST_FIELD, "yes"))
		return false;
	return h->minor >= 1 || field_has(h, "Connection", "keep-alive");
}
/* LAB-ELSE
LAB-END */

/* LAB-BEGIN 1: one request after the other (about 50 lines) */
/* The first N bytes of the buffer are done with. */
static void drop(struct conn *c, size_t n)
{
	c->in_length -= n;
	memmove(c->in, c->in + n, c->in_length);
}

/* Throws the body of the last request away; false: it is not over yet. */
static bool skip_body(struct conn *c)
{
	size_t n = (int64_t)c->in_length < c->skip ? c->in_length : (size_t)c->skip;

	c->skip -= (int64_t)n;
	drop(c, n);
	return c->skip == 0;
}

/* Begins the next answer, if the buffer holds a whole head; false: more is needed. */
static bool next_request(struct conn *c)
{
	struct head h;
	int length;

	if (!skip_body(c))
		return false;
	length = head_parse(c->in, c->in_length, &h);
	if (length == 0)
		return false;
	c->requests++;
	c->turn--;
	if (length < 0 || h.body > BODY_MOST) {
		answer_error(&c->response, length < 0 ? -length : 413);
		c->last = true;
	} else {
		c->last = !keeps_open(&h, c);
		answer_make(&c->response, c->in, (size_t)length, !c->last);
		c->skip = h.body;
		drop(c, (size_t)length);
	}
	c->text_sent = 0;
	c->want = WANT_WRITE;
	return true;
}
/* LAB-ELSE
LAB-END */

static void conn_read(struct conn *c)
{
	/* LAB-BEGIN 1: the buffer may hold the next request already (about 15 lines) */
	ssize_t n;

	if (next_request(c))
		return;
	n = read(c->fd, c->in + c->in_length, sizeof c->in - c->in_length);
	if (n <= 0) {
		conn_stuck(c, "read", n);
		return;
	}
	c->in_length += (size_t)n;
	c->share -= (size_t)n < c->share ? (size_t)n : c->share;
	idle_wait(&c->idle);
	/* LAB-ELSE
	struct head h;
	int length;
	ssize_t n = read(c->fd, c->in + c->in_length, sizeof c->in - c->in_length);

	if (n <= 0) {
		conn_stuck(c, "read", n);
		return;
	}
	c->in_length += (size_t)n;
	length = head_parse(c->in, c->in_length, &h);
	if (length == 0)
		return;
	if (length < 0)
		answer_error(&c->response, -length);
	else
		answer_make(&c->response, c->in, (size_t)length, false);
	c->want = WANT_WRITE;
	LAB-END */
}

/* LAB-BEGIN 5: the end of an answer, and of a connection (about 40 lines) */
static void answer_sent(struct conn *c)
{
	if (c->response.file >= 0)
		close(c->response.file);
	c->response.file = -1;
	if (!c->last) {
		c->want = WANT_READ;
		return;
	}
	/* A close with unread bytes is a reset, which may overtake the answer. */
	shutdown(c->fd, SHUT_WR);
	idle_linger(&c->idle);
	c->want = WANT_LINGER;
}

static void conn_linger(struct conn *c)
{
	ssize_t n = read(c->fd, c->in, sizeof c->in);

	if (n <= 0)
		conn_stuck(c, "read", n);
	else
		c->share -= (size_t)n < c->share ? (size_t)n : c->share;
}
/* LAB-ELSE
LAB-END */

/* Sends the text, then the file. */
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
		size_t most = (size_t)r->file_left < c->share ? (size_t)r->file_left : c->share;

		n = sendfile(c->fd, r->file, NULL, most);
		if (n > 0) {
			r->file_left -= n;
			c->share -= (size_t)n;
		}
	}
	/* sendfile returned 0: the file has become shorter than the Content-Length we sent. */
	if (n <= 0) {
		conn_stuck(c, c->text_sent < r->text_length ? "send" : "sendfile", n);
		return;
	}
	/* LAB-BEGIN 6: it does something */
	idle_wait(&c->idle);
	/* LAB-ELSE
	LAB-END */
	if (c->text_sent == r->text_length && r->file_left == 0) {
		/* LAB-BEGIN 1: what now? */
		answer_sent(c);
		/* LAB-ELSE
		c->want = WANT_CLOSE;
		LAB-END */
	}
}

void conn_step(struct conn *c)
{
	c->blocked = false;
	c->share = SHARE;
	/* LAB-BEGIN 4: until the kernel has no more, or its share of bytes or answers is used up */
	c->turn = TURN_MOST;
	while (!c->blocked && c->share > 0 && c->want != WANT_CLOSE)
		if (c->want == WANT_WRITE)
			conn_write(c);
		else if (c->want == WANT_LINGER)
			conn_linger(c);
		else if (c->turn > 0)
			conn_read(c);
		else
			return;
	/* LAB-ELSE
	while (!c->blocked && c->share > 0 && c->want != WANT_CLOSE)
		if (c->want == WANT_READ)
			conn_read(c);
		else
			conn_write(c);
	LAB-END */
}
