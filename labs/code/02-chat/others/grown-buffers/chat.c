/*
 * chat.c - many clients, one thread, select. A client is never waited for: what it does not take
 * is kept for it, up to UNSENT_MOST bytes.
 */
#include "client.h"
#include "variant.h"
#include "words.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

struct client {
	int fd;
	bool leaves; /* to be closed after the walk */
	char name[NAME_MOST + 1];
	size_t in_length;
	char in[LINE_MOST + 2]; /* what has come and is no whole line yet */
	size_t out_length, out_room;
	char *out; /* what the client has not taken yet */
};

static struct client *clients[FD_SETSIZE]; /* by descriptor; NULL: none */

static struct client *find(const char *name)
{
	for (int fd = 0; fd < FD_SETSIZE; fd++)
		if (clients[fd] && clients[fd]->name[0] && strcmp(clients[fd]->name, name) == 0)
			return clients[fd];
	return NULL;
}

/* Sends at once what goes; 0: nothing goes now. Marks a client that is gone. */
static size_t send_now(struct client *c, const char *data, size_t length)
{
	ssize_t n = send(c->fd, data, length, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n >= 0)
		return (size_t)n;
	if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
		c->leaves = true;
	return 0;
}

static void send_bytes(struct client *c, const char *data, size_t length)
{
	size_t sent;

	if (c->leaves)
		return;
	sent = c->out_length ? 0 : send_now(c, data, length);
	data += sent;
	length -= sent;
	if (c->leaves || length == 0)
		return;
	if (c->out_length + length > UNSENT_MOST) {
		c->leaves = true;
		return;
	}
	if (c->out_length + length > c->out_room) {
		size_t room = (c->out_length + length) * 2;
		char *out = realloc(c->out, room);

		if (!out) {
			c->leaves = true;
			return;
		}
		c->out = out;
		c->out_room = room;
	}
	memcpy(c->out + c->out_length, data, length);
	c->out_length += length;
}

struct line {
	size_t length;
	char text[NAME_MOST + LINE_MOST + 64];
};

static struct line line_of(const char *a, const char *b, const char *text, size_t length)
{
	struct line l;

	l.length = (size_t)sprintf(l.text, "%s%s", a, b);
	memcpy(l.text + l.length, text, length);
	l.length += length;
	l.text[l.length++] = '\n';
	return l;
}

static void say(struct client *c, struct line l)
{
	send_bytes(c, l.text, l.length);
}

static void say_all(const struct client *but, struct line l)
{
	for (int fd = 0; fd < FD_SETSIZE; fd++)
		if (clients[fd] && clients[fd] != but && clients[fd]->name[0])
			say(clients[fd], l);
}

/* A line of a client, without its end; line[length] is 0. */
static void on_line(struct client *c, char *line, size_t length)
{
	const char *end = line + length;
	bool zero = strlen(line) != length;
	struct words w = words_read(line);
	struct client *to;

	if (w.said == SAID_BYE) {
		c->leaves = true;
	} else if (w.said == SAID_NAME && !zero && w.name && !c->name[0] && !find(w.name)) {
		strcpy(c->name, w.name);
		say(c, line_of(WORD_WELCOME, " ", w.name, strlen(w.name)));
		say_all(c, line_of(SIGN_COMES, "", w.name, strlen(w.name)));
	} else if (w.said == SAID_SAY && c->name[0]) {
		say_all(c, line_of(c->name, ": ", w.text, (size_t)(end - w.text)));
	} else if (w.said == SAID_TO && c->name[0] && w.name && (to = find(w.name))) {
		say(to, line_of(c->name, ": ", w.text, (size_t)(end - w.text)));
	} else {
		say(c, line_of("?", "", "", 0));
	}
}

static void too_long(struct client *c)
{
	say(c, line_of("?", " ", "too long", 8));
	c->leaves = true;
}

static void take_lines(struct client *c)
{
	char *from = c->in, *end = c->in + c->in_length, *lf;

	while (!c->leaves && (lf = memchr(from, '\n', (size_t)(end - from)))) {
		size_t length = (size_t)(lf - from);

		if (length > 0 && from[length - 1] == '\r')
			length--;
		if (length > LINE_MOST) {
			too_long(c);
			return;
		}
		from[length] = '\0';
		on_line(c, from, length);
		from = lf + 1;
	}
	c->in_length = (size_t)(end - from);
	memmove(c->in, from, c->in_length);
	if (!c->leaves && c->in_length > LINE_MOST &&
	    !(c->in_length == LINE_MOST + 1 && c->in[LINE_MOST] == '\r'))
		too_long(c);
}

static void on_readable(struct client *c)
{
	ssize_t n = recv(c->fd, c->in + c->in_length, sizeof c->in - c->in_length, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		c->leaves = true;
		return;
	}
	c->in_length += (size_t)n;
	take_lines(c);
}

static void on_writable(struct client *c)
{
	size_t n = send_now(c, c->out, c->out_length);

	c->out_length -= n;
	memmove(c->out, c->out + n, c->out_length);
}

static void on_accept(int listener)
{
	int fd = accept(listener, NULL, NULL);

	if (fd < 0)
		return;
	if (fd >= FD_SETSIZE) {
		close(fd);
		return;
	}
	clients[fd] = calloc(1, sizeof *clients[fd]);
	if (!clients[fd]) {
		close(fd);
		return;
	}
	clients[fd]->fd = fd;
}

static void client_free(struct client *c)
{
	clients[c->fd] = NULL;
	close(c->fd);
	free(c->out);
	free(c);
}

/* Closes and frees who leaves, and tells the others. Telling may make more of them leave. */
static void all_who_leave(void)
{
	bool again = true;

	while (again) {
		again = false;
		for (int fd = 0; fd < FD_SETSIZE; fd++) {
			char name[NAME_MOST + 1];

			if (!clients[fd] || !clients[fd]->leaves)
				continue;
			strcpy(name, clients[fd]->name);
			client_free(clients[fd]);
			if (name[0])
				say_all(NULL, line_of(SIGN_LEAVES, "", name, strlen(name)));
			again = true;
		}
	}
}

void chat_run(int listener)
{
	fd_set readable, writable;

	while (!stopping) {
		FD_ZERO(&readable);
		FD_ZERO(&writable);
		FD_SET(listener, &readable);
		for (int fd = 0; fd < FD_SETSIZE; fd++) {
			if (!clients[fd])
				continue;
			FD_SET(fd, &readable);
			if (clients[fd]->out_length)
				FD_SET(fd, &writable);
		}
		if (select(FD_SETSIZE, &readable, &writable, NULL, NULL) < 0)
			continue; /* EINTR */
		for (int fd = 0; fd < FD_SETSIZE; fd++) {
			if (clients[fd] && FD_ISSET(fd, &readable) && !clients[fd]->leaves)
				on_readable(clients[fd]);
			if (clients[fd] && FD_ISSET(fd, &writable) && !clients[fd]->leaves)
				on_writable(clients[fd]);
		}
		all_who_leave();
		if (FD_ISSET(listener, &readable))
			on_accept(listener);
	}
	for (int fd = 0; fd < FD_SETSIZE; fd++)
		if (clients[fd])
			client_free(clients[fd]);
	close(listener);
}
