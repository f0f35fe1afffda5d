/*
 * limit FILE   the least that a server can do whom epoll tells of requests: epoll_wait, recv,
 * and send of an answer that is ready. It looks at nothing but where a request ends, and
 * whether the client wants to go on. `make bench` puts it beside the servers: what a server
 * costs above this, it costs by itself.
 *
 * It prints "listening on http://127.0.0.1:PORT/". With DEFERRED in the environment it accepts
 * a client when its request is there.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FILE_MOST = 1 << 20, REQUESTS_MOST = 64, READ_MOST = 16384, EVENTS_MOST = 512 };

static char *answers; /* as often as requests may come in one piece */
static size_t answer_size;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void prepare(const char *path)
{
	static char body[FILE_MOST];
	FILE *file = fopen(path, "r");
	size_t size = file != NULL ? fread(body, 1, sizeof(body), file) : 0;
	char head[128];
	int len = snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n",
			   size);

	if (file == NULL)
		fail(path);
	fclose(file);
	answer_size = (size_t)len + size;
	answers = malloc(REQUESTS_MOST * answer_size);
	if (answers == NULL)
		fail("malloc");
	for (char *to = answers; to < answers + REQUESTS_MOST * answer_size;
	     to += answer_size) {
		memcpy(to, head, (size_t)len);
		memcpy(to + len, body, size);
	}
}

static int start_listening(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, len) < 0 || listen(fd, 4096) < 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) < 0)
		fail("listen");
	if (getenv("DEFERRED") != NULL)
		setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &one, sizeof(one));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	printf("listening on http://127.0.0.1:%d/\n", ntohs(a.sin_port));
	fflush(stdout);
	return fd;
}

/* False: the connection is over. */
static bool serve(int fd)
{
	char request[READ_MOST + 1];
	ssize_t got = recv(fd, request, READ_MOST, 0);
	size_t count = 0;

	if (got <= 0)
		return false;
	request[got] = '\0';
	for (const char *at = request; (at = strstr(at, "\r\n\r\n")) != NULL; at += 4)
		count++;
	if (count > REQUESTS_MOST)
		return false;
	if (send(fd, answers, count * answer_size, MSG_NOSIGNAL) < 0)
		return false;
	return strstr(request, "Connection: close") == NULL;
}

static void add(int epoll, int fd)
{
	struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e) < 0)
		fail("epoll_ctl");
}

int main(int argc, char **argv)
{
	struct epoll_event events[EVENTS_MOST];
	int epoll = epoll_create1(0), listener;

	if (argc != 2 || epoll < 0)
		return 2;
	prepare(argv[1]);
	listener = start_listening();
	add(epoll, listener);
	for (;;) {
		int count = epoll_wait(epoll, events, EVENTS_MOST, -1);

		for (int i = 0; i < count; i++) {
			int fd = events[i].data.fd;

			if (fd == listener &&
			    (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0)
				add(epoll, fd);
			else if (fd >= 0 && !serve(fd))
				close(fd);
		}
	}
}
