#include "bare.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SIZE = 1024 };

struct answer bare_answer, bare_last;

static void make(struct answer *a, const char *line, const char *body, int times)
{
	char head[128];
	size_t length = (size_t)snprintf(
	    head, sizeof head, "HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n", line, SIZE);

	a->length = length + SIZE;
	a->text = malloc((size_t)times * a->length);
	if (!a->text)
		exit(1);
	for (int i = 0; i < times; i++) {
		memcpy(a->text + (size_t)i * a->length, head, length);
		memcpy(a->text + (size_t)i * a->length + length, body, SIZE);
	}
}

static void load(const char *root)
{
	char path[4096], body[SIZE];
	FILE *f;

	snprintf(path, sizeof path, "%s/1k", root);
	f = fopen(path, "r");
	if (!f || fread(body, SIZE, 1, f) != 1) {
		fprintf(stderr, "bare: %s has no file 1k of %d bytes\n", root, SIZE);
		exit(1);
	}
	fclose(f);
	make(&bare_answer, "", body, ANSWERS_MOST);
	make(&bare_last, "Connection: close\r\n", body, 1);
}

int bare_open(int argc, char **argv, int socket_flags)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof address;
	struct rlimit limit;
	int fd = socket(AF_INET, SOCK_STREAM | socket_flags, 0), on = 1;

	load(argc > 2 ? argv[2] : ".");
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	if (bind(fd, (struct sockaddr *)&address, size) < 0 || listen(fd, SOMAXCONN) < 0) {
		perror("bare: listen");
		exit(1);
	}
	if (getenv("DEFERRED"))
		setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &on, sizeof on);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	getsockname(fd, (struct sockaddr *)&address, &size);
	printf("listening on http://127.0.0.1:%d/\n", ntohs(address.sin_port));
	fflush(stdout);
	return fd;
}

struct client *bare_client(int fd)
{
	struct client *c = malloc(sizeof *c);

	if (!c) {
		close(fd);
		return NULL;
	}
	c->fd = fd;
	c->length = 0;
	return c;
}

void bare_close(struct client *c)
{
	close(c->fd);
	free(c);
}

int bare_take(struct client *c, size_t n)
{
	char *at = c->in, *end = c->in + c->length + n, *next;
	int count = 0;

	while ((next = memmem(at, (size_t)(end - at), "\r\n\r\n", 4)) != NULL) {
		at = next + 4;
		count++;
	}
	c->leaves = memmem(c->in, (size_t)(at - c->in), "Connection: close", 17) != NULL;
	c->length = (size_t)(end - at);
	memmove(c->in, at, c->length);
	return count <= ANSWERS_MOST ? count : -1;
}
