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
	idle_wait(&c->idle);
	return c;
}

void conn_close(struct conn *c)
{
	idle_end(&c->idle);
	for (; c->count > 0; c->count--, c->first++)
		if (c->queue[c->first % QUEUE].file >= 0)
			close(c->queue[c->first % QUEUE].file);
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

static void taken(struct conn *c, size_t n)
{
	c->in_length -= n;
	memmove(c->in, c->in + n, c->in_length);
}

/* Makes answers for what the buffer holds, as long as the queue has room and the turn lasts. */
static void requests_take(struct conn *c)
{
	while (c->count < QUEUE && !c->no_more && c->begun < TURN_MOST) {
		struct response *r = &c->queue[(c->first + c->count) % QUEUE];
		struct head h;
		int length;

		if (c->body > 0) {
			size_t n =
			    c->body < (int64_t)c->in_length ? (size_t)c->body : c->in_length;

			c->body -= (int64_t)n;
			taken(c, n);
		}
		if (c->body > 0)
			return;
		length = head_parse(c->in, c->in_length, &h);
		if (length == 0)
			return;
		c->requests++;
		c->begun++;
		c->count++;
		if (length < 0 || h.body > BODY_MOST) {
			answer_error(r, length < 0 ? -length : 413);
			c->no_more = true;
			return;
		}
		c->no_more = !keeps_open(&h, c);
		answer_make(r, c->in, (size_t)length, !c->no_more);
		taken(c, (size_t)length);
		c->body = h.body;
	}
}

static void pull(struct conn *c)
{
	ssize_t n = read(c->fd, c->in + c->in_length, sizeof c->in - c->in_length);

	if (n == 0) {
		c->gone = true;
		return;
	}
	if (n < 0) {
		conn_stuck(c, "read", n);
		return;
	}
	c->in_length += (size_t)n;
	c->share -= (size_t)n < c->share ? (size_t)n : c->share;
	idle_wait(&c->idle);
}

static void push(struct conn *c)
{
	struct response *r = &c->queue[c->first];
	ssize_t n;

	if (c->text_sent < r->text_length) {
		n = send(c->fd, r->text + c->text_sent, r->text_length - c->text_sent,
			 r->file_left > 0 || c->count > 1 ? MSG_MORE : 0);
		if (n > 0)
			c->text_sent += (size_t)n;
	} else {
		n = sendfile(c->fd, r->file, NULL,
			     (size_t)r->file_left < c->share ? (size_t)r->file_left : c->share);
		if (n > 0) {
			r->file_left -= n;
			c->share -= (size_t)n;
		}
	}
	if (n <= 0) {
		conn_stuck(c, "send", n);
		return;
	}
	idle_wait(&c->idle);
	if (c->text_sent < r->text_length || r->file_left > 0)
		return;
	if (r->file >= 0)
		close(r->file);
	c->text_sent = 0;
	c->first = (c->first + 1) % QUEUE;
	c->count--;
}

static void linger(struct conn *c)
{
	ssize_t n = read(c->fd, c->in, sizeof c->in);

	if (n <= 0)
		conn_stuck(c, "read", n);
	else
		c->share -= (size_t)n < c->share ? (size_t)n : c->share;
}

void conn_step(struct conn *c)
{
	c->blocked = false;
	c->share = SHARE;
	c->begun = 0;
	while (!c->blocked && c->share > 0 && c->want != WANT_CLOSE) {
		if (c->want == WANT_LINGER) {
			linger(c);
			continue;
		}
		requests_take(c);
		if (c->count > 0) {
			c->want = WANT_WRITE;
			push(c);
		} else if (c->no_more) {
			shutdown(c->fd, SHUT_WR);
			idle_linger(&c->idle);
			c->want = WANT_LINGER;
		} else if (c->begun >= TURN_MOST) {
			return;
		} else if (c->gone) {
			c->want = WANT_CLOSE;
		} else {
			c->want = WANT_READ;
			pull(c);
		}
	}
}
