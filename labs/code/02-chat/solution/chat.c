/*
 * chat.c - many clients, one thread, select. A client is never waited for: what it does not take
 * is kept for it, up to UNSENT_MOST bytes.
 */
#include "client.h"
#include "variant.h"
#include "words.h"

#include <assert.h>
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
	/* LAB-BEGIN 1: what a client is, and what it was doing */
	char name[NAME_MOST + 1]; /* empty: not welcomed yet */
	bool leaves;		  /* closed and freed after the walk over the ready ones */
	size_t in_length, out_length;
	char in[LINE_MOST + 2]; /* a line may end with CR LF */
	char out[UNSENT_MOST];
	/* LAB-ELSE
	LAB-END */
};

static struct client *clients[FD_SETSIZE]; /* by descriptor; NULL: none */

/* LAB-BEGIN 1: which client has this name? */
static struct client *client_named(const char *name)
{
	for (int fd = 0; fd < FD_SETSIZE; fd++)
		if (clients[fd] && !clients[fd]->leaves && strcmp(clients[fd]->name, name) == 0)
			return clients[fd];
	return NULL;
}
/* LAB-ELSE
LAB-END */

/* LAB-BEGIN 1: send what goes at once, keep the rest (about 25 lines) */
static void client_write(struct client *c, const char *bytes, size_t n)
{
	ssize_t sent = 0;

	if (c->leaves)
		return;
	if (c->out_length == 0) {
		sent = send(c->fd, bytes, n, MSG_DONTWAIT);
		if (sent < 0 && errno != EAGAIN && errno != EINTR) {
			c->leaves = true;
			return;
		}
		if (sent < 0)
			sent = 0;
	}
	n -= (size_t)sent;
	if (c->out_length + n > UNSENT_MOST) {
		c->leaves = true; /* it does not read */
		return;
	}
	memcpy(c->out + c->out_length, bytes + sent, n);
	c->out_length += n;
}

__attribute__((format(printf, 2, 3))) static void client_send(struct client *c, const char *format, ...)
{
	char text[LINE_MOST + NAME_MOST + 32];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	client_write(c, text, (size_t)n);
}
/* LAB-ELSE
LAB-END */

/* LAB-BEGIN 2: send a line to all clients that have a name, but one */
__attribute__((format(printf, 2, 3))) static void send_others(const struct client *but, const char *format, ...)
{
	char text[LINE_MOST + NAME_MOST + 32];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	for (int fd = 0; fd < FD_SETSIZE; fd++)
		if (clients[fd] && clients[fd] != but && *clients[fd]->name)
			client_send(clients[fd], "%s", text);
}
/* LAB-ELSE
LAB-END */

/* LAB-BEGIN 1: a line of a client, without its end (about 40 lines) */
static void on_name(struct client *c, const char *name)
{
	if (*c->name || !name || client_named(name)) {
		client_send(c, "?\n");
		return;
	}
	strcpy(c->name, name);
	client_send(c, WORD_WELCOME " %s\n", name);
	send_others(c, SIGN_COMES "%s\n", name);
}

static void on_line(struct client *c, char *line)
{
	struct words w = words_read(line);
	struct client *to;

	if (w.said == SAID_BYE) {
		c->leaves = true;
	} else if (w.said == SAID_NAME) {
		on_name(c, w.name);
	} else if (!*c->name) {
		client_send(c, "?\n");
	} else if (w.said == SAID_SAY) {
		send_others(c, "%s: %s\n", c->name, w.text);
	} else if (w.said == SAID_TO && w.name && (to = client_named(w.name))) {
		client_send(to, "%s: %s\n", c->name, w.text);
	} else {
		client_send(c, "?\n");
	}
}
/* LAB-ELSE
LAB-END */

/* LAB-BEGIN 3: take the lines out of what has come (about 35 lines) */
static void too_long(struct client *c)
{
	client_send(c, "? too long\n");
	c->leaves = true;
}

static void lines_take(struct client *c)
{
	char *line = c->in, *end;

	while (!c->leaves && (end = memchr(line, '\n', (size_t)(c->in + c->in_length - line)))) {
		char *next = end + 1;

		if (end > line && end[-1] == '\r')
			end--;
		*end = '\0';
		if (end - line > LINE_MOST)
			too_long(c);
		else
			on_line(c, line);
		line = next;
	}
	c->in_length = (size_t)(c->in + c->in_length - line);
	memmove(c->in, line, c->in_length);
	if (!c->leaves && c->in_length == sizeof c->in)
		too_long(c);
}
/* LAB-ELSE
LAB-END */

static void on_readable(struct client *c)
{
	/* LAB-BEGIN 1: read what is there, once; then its lines. 0 bytes: the client leaves */
	ssize_t n = recv(c->fd, c->in + c->in_length, sizeof c->in - c->in_length, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		c->leaves = true;
		return;
	}
	c->in_length += (size_t)n;
	lines_take(c);
	/* LAB-ELSE
	clients[c->fd] = NULL; // nothing is understood yet
	close(c->fd);
	free(c);
	LAB-END */
}

/* LAB-BEGIN 5: send what is kept */
static void on_writable(struct client *c)
{
	ssize_t n = send(c->fd, c->out, c->out_length, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		c->leaves = true;
		return;
	}
	c->out_length -= (size_t)n;
	memmove(c->out, c->out + n, c->out_length);
}
/* LAB-ELSE
LAB-END */

static void on_accept(int listener)
{
	int fd = accept(listener, NULL, NULL);

	if (fd < 0)
		return;
	/* LAB-BEGIN 6: which descriptors can select not watch? */
	if (fd >= FD_SETSIZE) {
		close(fd);
		return;
	}
	/* LAB-ELSE
	LAB-END */
	clients[fd] = calloc(1, sizeof *clients[fd]);
	if (!clients[fd]) {
		close(fd);
		return;
	}
	clients[fd]->fd = fd;
}

/* LAB-BEGIN 4: close and free who leaves, after the walk */
static void client_close(struct client *c)
{
	clients[c->fd] = NULL;
	if (*c->name)
		send_others(c, SIGN_LEAVES "%s\n", c->name);
	close(c->fd);
	free(c);
}

/* Telling that one leaves can make another one leave, which did not read: until all are gone. */
static void leavers_close(void)
{
	for (bool again = true; again;) {
		again = false;
		for (int fd = 0; fd < FD_SETSIZE; fd++)
			if (clients[fd] && clients[fd]->leaves) {
				client_close(clients[fd]);
				again = true;
			}
	}
}
/* LAB-ELSE
LAB-END */

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
			/* LAB-BEGIN 5: who is watched for writing? */
			if (clients[fd]->out_length > 0)
				FD_SET(fd, &writable);
			/* LAB-ELSE
			LAB-END */
		}
		if (select(FD_SETSIZE, &readable, &writable, NULL, NULL) < 0) {
			assert(errno == EINTR);
			continue;
		}
		for (int fd = 0; fd < FD_SETSIZE; fd++) {
			if (clients[fd] && FD_ISSET(fd, &readable))
				on_readable(clients[fd]);
			/* LAB-BEGIN 5: and for writing */
			if (clients[fd] && !clients[fd]->leaves && FD_ISSET(fd, &writable))
				on_writable(clients[fd]);
			/* LAB-ELSE
			LAB-END */
		}
		/* LAB-BEGIN 4: who leaves */
		leavers_close();
		/* LAB-ELSE
		LAB-END */
		if (FD_ISSET(listener, &readable))
			on_accept(listener);
	}
	for (int fd = 0; fd < FD_SETSIZE; fd++)
		if (clients[fd]) {
			close(fd);
			free(clients[fd]);
		}
	close(listener);
}
