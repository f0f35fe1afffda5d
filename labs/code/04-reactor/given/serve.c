/*
 * serve.c - a small HTTP server on your reactor. A connection that says nothing for SILENT_MS is
 * closed. See how little it knows of waiting: callbacks, and nothing else.
 */
#include "serve.h"
#include "reactor.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SILENT_MS = 10000, HEAD_MOST = 4096 };

static struct reactor *reactor;

struct client {
	int fd;
	struct watch *watch;
	struct alarm *alarm;
	char head[HEAD_MOST];
	size_t length;
	const char *answer; /* what is left of it */
};

static void client_end(struct client *c)
{
	watch_end(c->watch);
	if (c->alarm)
		alarm_end(c->alarm);
	close(c->fd);
	free(c);
}

static void on_silent(void *arg)
{
	struct client *c = arg;

	c->alarm = NULL;
	client_end(c);
}

static void client_send(struct client *c)
{
	ssize_t n = send(c->fd, c->answer, strlen(c->answer), MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n > 0)
		c->answer += n;
	if (*c->answer == '\0' || (n < 0 && errno != EAGAIN))
		client_end(c);
	else
		watch_change(c->watch, READY_WRITE);
}

static void client_read(struct client *c)
{
	ssize_t n = recv(c->fd, c->head + c->length, sizeof c->head - 1 - c->length, MSG_DONTWAIT);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		client_end(c);
		return;
	}
	c->length += (size_t)n;
	c->head[c->length] = '\0';
	if (!strstr(c->head, "\r\n\r\n") && c->length < sizeof c->head - 1)
		return;
	c->answer = "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\nhello\n";
	client_send(c);
}

static void on_client(void *arg, unsigned ready)
{
	struct client *c = arg;

	if (c->answer && ready & READY_WRITE)
		client_send(c);
	else if (!c->answer && ready & READY_READ)
		client_read(c);
}

static void on_accept(void *arg, unsigned ready)
{
	int listener = *(int *)arg, fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct client *c;

	(void)ready;
	if (fd < 0)
		return;
	c = calloc(1, sizeof *c);
	if (c) {
		c->fd = fd;
		c->watch = watch_start(reactor, fd, READY_READ, on_client, c);
	}
	if (!c || !c->watch) {
		free(c);
		close(fd);
		return;
	}
	c->alarm = alarm_start(reactor, SILENT_MS, on_silent, c);
}

static void on_term(void *arg)
{
	(void)arg;
	reactor_stop(reactor);
}

int serve(int port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof a;
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
	struct watch *w;

	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(listener, (void *)&a, sizeof a) < 0 || listen(listener, 511) < 0 ||
	    getsockname(listener, (void *)&a, &n) < 0) {
		perror("listen");
		return 1;
	}
	reactor = reactor_create();
	w = reactor ? watch_start(reactor, listener, READY_READ, on_accept, &listener) : NULL;
	if (!w || reactor_on_signal(reactor, SIGTERM, on_term, NULL) < 0) {
		fprintf(stderr, "puppet: the reactor does not start: %s\n", strerror(errno));
		return 1;
	}
	printf("listening on 127.0.0.1:%d\n", ntohs(a.sin_port));
	fflush(stdout);
	reactor_run(reactor);
	watch_end(w);
	reactor_destroy(reactor); /* clients that are still there go with the process */
	close(listener);
	return 0;
}
