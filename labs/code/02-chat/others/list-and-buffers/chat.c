/* Another way: a list of clients, buffers that grow, non-blocking sockets, pselect. */
#include "client.h"
#include "variant.h"
#include "words.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

struct buffer {
	char *bytes;
	size_t n, room;
};

struct client {
	struct client *next;
	int fd;
	bool dead, told;
	char *name;
	struct buffer in, out;
};

static struct client *first;

static void buffer_add(struct buffer *b, const char *bytes, size_t n)
{
	if (b->n + n > b->room) {
		b->room = (b->n + n) * 2;
		b->bytes = realloc(b->bytes, b->room);
		if (!b->bytes)
			abort();
	}
	memcpy(b->bytes + b->n, bytes, n);
	b->n += n;
}

static void buffer_drop(struct buffer *b, size_t n)
{
	b->n -= n;
	memmove(b->bytes, b->bytes + n, b->n);
}

static struct client *find(const char *name)
{
	for (struct client *c = first; c; c = c->next)
		if (c->name && !c->dead && strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

/* Everything is kept first; then as much as goes is sent. */
static void flush(struct client *c)
{
	while (!c->dead && c->out.n) {
		ssize_t n = write(c->fd, c->out.bytes, c->out.n);

		if (n < 0) {
			c->dead = errno != EAGAIN && errno != EINTR;
			break;
		}
		buffer_drop(&c->out, (size_t)n);
	}
	if (c->out.n > UNSENT_MOST)
		c->dead = true;
}

static void tell(struct client *c, const char *a, const char *b, const char *d)
{
	if (c->dead)
		return;
	buffer_add(&c->out, a, strlen(a));
	buffer_add(&c->out, b, strlen(b));
	buffer_add(&c->out, d, strlen(d));
	buffer_add(&c->out, "\n", 1);
	flush(c);
}

static void tell_all(struct client *but, const char *a, const char *b, const char *d)
{
	for (struct client *c = first; c; c = c->next)
		if (c != but && c->name)
			tell(c, a, b, d);
}

static void obey(struct client *c, char *line)
{
	struct words w = words_read(line);
	struct client *to = NULL;

	switch (w.said) {
	case SAID_BYE:
		c->dead = true;
		return;
	case SAID_NAME:
		if (c->name || !w.name || find(w.name))
			break;
		c->name = strdup(w.name);
		tell(c, WORD_WELCOME, " ", c->name);
		tell_all(c, SIGN_COMES, c->name, "");
		return;
	case SAID_SAY:
		if (!c->name)
			break;
		for (struct client *o = first; o; o = o->next)
			if (o != c && o->name) {
				char head[NAME_MOST + 3];

				snprintf(head, sizeof head, "%s: ", c->name);
				tell(o, head, w.text, "");
			}
		return;
	case SAID_TO:
		to = c->name && w.name ? find(w.name) : NULL;
		if (!to)
			break;
		tell(to, c->name, ": ", w.text);
		return;
	case SAID_NOTHING:
		break;
	}
	tell(c, "?", "", "");
}

static void hear(struct client *c)
{
	char bytes[8192], *end;
	ssize_t n = read(c->fd, bytes, sizeof bytes);
	size_t used = 0;

	if (n <= 0) {
		c->dead = c->dead || n == 0 || (errno != EAGAIN && errno != EINTR);
		return;
	}
	buffer_add(&c->in, bytes, (size_t)n);
	while (!c->dead && (end = memchr(c->in.bytes + used, '\n', c->in.n - used))) {
		char *line = c->in.bytes + used;

		used = (size_t)(end + 1 - c->in.bytes);
		if (end > line && end[-1] == '\r')
			end--;
		if (end - line > LINE_MOST) {
			tell(c, "? too long", "", "");
			c->dead = true;
			break;
		}
		*end = '\0';
		obey(c, line);
	}
	buffer_drop(&c->in, used);
	if (!c->dead && c->in.n > LINE_MOST + 1) {
		tell(c, "? too long", "", "");
		c->dead = true;
	}
}

/* The dead leave the list first; then it is told; only then are they freed. */
static void dead_remove(void)
{
	struct client **at = &first, *gone = NULL, *c;

	while ((c = *at)) {
		if (!c->dead) {
			at = &c->next;
			continue;
		}
		*at = c->next;
		c->next = gone;
		gone = c;
	}
	while ((c = gone)) {
		gone = c->next;
		close(c->fd);
		if (c->name)
			tell_all(NULL, SIGN_LEAVES, c->name, "");
		free(c->name);
		free(c->in.bytes);
		free(c->out.bytes);
		free(c);
	}
}

static void welcome(int listener)
{
	int fd = accept(listener, NULL, NULL);
	struct client *c;

	if (fd < 0)
		return;
	if (fd >= FD_SETSIZE || !(c = calloc(1, sizeof *c))) {
		close(fd);
		return;
	}
	fcntl(fd, F_SETFL, O_NONBLOCK);
	c->fd = fd;
	c->next = first;
	first = c;
}

void chat_run(int listener)
{
	while (!stopping) {
		fd_set in, out;
		int most = listener;

		FD_ZERO(&in);
		FD_ZERO(&out);
		FD_SET(listener, &in);
		for (struct client *c = first; c; c = c->next) {
			FD_SET(c->fd, &in);
			if (c->out.n)
				FD_SET(c->fd, &out);
			most = c->fd > most ? c->fd : most;
		}
		if (pselect(most + 1, &in, &out, NULL, NULL, NULL) < 0)
			continue;
		for (struct client *c = first; c; c = c->next) {
			if (!c->dead && FD_ISSET(c->fd, &in))
				hear(c);
			if (!c->dead && FD_ISSET(c->fd, &out))
				flush(c);
		}
		dead_remove();
		while (first && first->dead)
			dead_remove();
		if (FD_ISSET(listener, &in))
			welcome(listener);
	}
	for (struct client *c = first; c; c = c->next) {
		free(c->name);
		c->name = NULL;
		c->dead = true;
	}
	dead_remove();
	close(listener);
}
