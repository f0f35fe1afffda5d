#include "bare.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

char bare_answer[8192];
size_t bare_answer_length;

static void load(const char *root)
{
	char path[4096], body[1024];
	FILE *f;

	snprintf(path, sizeof path, "%s/1k", root);
	f = fopen(path, "r");
	if (!f || fread(body, sizeof body, 1, f) != 1) {
		fprintf(stderr, "bare: %s has no file 1k of 1,024 bytes\n", root);
		exit(1);
	}
	fclose(f);
	bare_answer_length = (size_t)sprintf(
	    bare_answer, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", sizeof body);
	memcpy(bare_answer + bare_answer_length, body, sizeof body);
	bare_answer_length += sizeof body;
}

int bare_open(int argc, char **argv, int socket_flags)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof address;
	struct rlimit limit;
	int fd = socket(AF_INET, SOCK_STREAM | socket_flags, 0);

	load(argc > 2 ? argv[2] : ".");
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	if (bind(fd, (struct sockaddr *)&address, size) < 0 || listen(fd, SOMAXCONN) < 0) {
		perror("bare: listen");
		exit(1);
	}
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

int bare_is_request(struct client *c, size_t n)
{
	c->length += n;
	if (c->length < 4 || memcmp(c->in + c->length - 4, "\r\n\r\n", 4) != 0)
		return 0;
	c->length = 0;
	return 1;
}
