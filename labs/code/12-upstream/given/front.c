#include "front.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINE_MOST = 512 };

struct request {
	struct client *client;
	char key[LINE_MOST];
	struct ticket *ticket; /* NULL: none */
	int fd;                /* the backend's connection; -1: none */
	struct watch *watch;
	bool reused;
	char answer[LINE_MOST];
	size_t length;
};

struct client {
	int fd;
	struct watch *watch;
	char in[2 * LINE_MOST];
	size_t length;
	bool busy; /* its request has no answer yet */
	struct request request;
	struct client *previous, *next;
};

static struct client ring = {.previous = &ring, .next = &ring};
static struct loop *loop;
static struct upstream *upstream;
static struct watch *door;
static int door_fd;

static void lines_read(struct client *c);

/* Takes the backend's connection away from the request. */
static void backend_put(struct request *r, bool reusable)
{
	watch_end(r->watch);
	r->watch = NULL;
	upstream_put(upstream, r->fd, reusable);
	r->fd = -1;
}

static void client_end(struct client *c)
{
	struct request *r = &c->request;

	if (r->ticket)
		upstream_cancel(r->ticket);
	if (r->fd >= 0)
		backend_put(r, false); /* the answer may still come, and no other client may get it */
	watch_end(c->watch);
	close(c->fd);
	c->previous->next = c->next;
	c->next->previous = c->previous;
	free(c);
}

/* A client that does not take some short lines has to leave. */
static bool tell(struct client *c, const char *line)
{
	char text[LINE_MOST + 1];
	int n = snprintf(text, sizeof text, "%s\n", line);

	if (send(c->fd, text, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT) == n)
		return true;
	client_end(c);
	return false;
}

static void request_end(struct request *r, const char *line)
{
	struct client *c = r->client;

	c->busy = false;
	if (tell(c, line))
		lines_read(c);
}

/* ---- the backend's side ------------------------------------------------------------------ */

static void on_backend(void *arg)
{
	struct request *r = arg;
	ssize_t n =
	    recv(r->fd, r->answer + r->length, sizeof r->answer - 1 - r->length, MSG_DONTWAIT);
	char *end;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		bool reused = r->reused;

		backend_put(r, false);
		backend_ended(r, reused, r->length > 0);
		return;
	}
	r->length += (size_t)n;
	r->answer[r->length] = '\0';
	end = strchr(r->answer, '\n');
	if (!end && r->length + 1 < sizeof r->answer)
		return;
	backend_put(r, end && end[1] == '\0');
	if (end)
		*end = '\0';
	request_end(r, end ? r->answer : "ERR too long");
}

static void on_upstream(void *arg, enum upstream_end end, int fd, bool reused)
{
	static const char *const why[] = {"", "ERR refused", "ERR full", "ERR late"};
	struct request *r = arg;
	char line[LINE_MOST + 1];
	int n = snprintf(line, sizeof line, "%s\n", r->key);

	r->ticket = NULL;
	if (end != UPSTREAM_GOT) {
		request_end(r, why[end]);
		return;
	}
	r->fd = fd;
	r->reused = reused;
	r->length = 0;
	r->watch = loop_watch(loop, fd, LOOP_READ, on_backend, r);
	if (!r->watch || send(fd, line, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT) != n) {
		backend_put(r, false);
		backend_ended(r, reused, false);
	}
}

void request_again(struct request *r, bool fresh)
{
	r->ticket = upstream_get(upstream, fresh, on_upstream, r);
	if (!r->ticket)
		request_end(r, "ERR no memory");
}

void request_fail(struct request *r)
{
	request_end(r, "ERR ended");
}

/* ---- the clients' side ------------------------------------------------------------------- */

static bool line_obey(struct client *c, const char *line)
{
	struct upstream_numbers n = upstream_numbers(upstream);
	char text[128];

	if (strcmp(line, "PING") == 0)
		return tell(c, "PONG");
	if (strcmp(line, "NUMBERS") == 0) {
		snprintf(text, sizeof text, "open %d idle %d waiting %d", n.open, n.idle,
			 n.waiting);
		return tell(c, text);
	}
	if (strncmp(line, "GET ", 4) != 0 || strlen(line + 4) >= LINE_MOST - 1)
		return tell(c, "ERR what");
	c->busy = true;
	c->request = (struct request){.client = c, .fd = -1};
	strcpy(c->request.key, line + 4);
	request_again(&c->request, false);
	return false; /* its next line waits */
}

static void lines_read(struct client *c)
{
	char *end;

	while (!c->busy && (end = memchr(c->in, '\n', c->length))) {
		char line[sizeof c->in];
		size_t n = (size_t)(end - c->in);

		memcpy(line, c->in, n);
		line[n] = '\0';
		c->length -= n + 1;
		memmove(c->in, end + 1, c->length);
		if (!line_obey(c, line))
			return;
	}
}

static void on_client(void *arg)
{
	struct client *c = arg;
	ssize_t n = recv(c->fd, c->in + c->length, sizeof c->in - c->length, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) { /* it has left, or sends too much at once */
		client_end(c);
		return;
	}
	c->length += (size_t)n;
	lines_read(c);
}

static void on_door(void *arg)
{
	int fd = accept4(door_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct client *c = fd < 0 ? NULL : calloc(1, sizeof *c);

	(void)arg;
	if (fd < 0)
		return;
	if (c)
		c->watch = loop_watch(loop, fd, LOOP_READ, on_client, c);
	if (!c || !c->watch) {
		free(c);
		close(fd);
		return;
	}
	c->fd = fd;
	c->request.fd = -1;
	c->previous = ring.previous;
	c->next = &ring;
	c->previous->next = ring.previous = c;
}

void front_start(struct loop *l, int listener, struct upstream *u)
{
	loop = l;
	upstream = u;
	door_fd = listener;
	door = loop_watch(l, listener, LOOP_READ, on_door, NULL);
}

void front_end(void)
{
	while (ring.next != &ring)
		client_end(ring.next);
	watch_end(door);
	close(door_fd);
}
