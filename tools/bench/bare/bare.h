/*
 * bare.h - what the two bare servers share: the least that can be called a web server. Each
 * keeps its connections, takes anything that ends with an empty line for a request, and answers
 * it with the same file. So nearly all that is left of a request is the way in which a server
 * waits.
 */
#pragma once

#include <stddef.h>

struct client {
	int fd;
	size_t length;
	char in[4096];
};

/* Opens the listener on a port of the kernel's choice and says which; loads ROOT/1k. */
int bare_open(int argc, char **argv, int socket_flags);

/* Returns NULL, with FD closed, when there is no memory. */
struct client *bare_client(int fd);
void bare_close(struct client *c);

/* N more bytes have come into C's buffer. True: they end a request, and the buffer is empty
 * again. */
int bare_is_request(struct client *c, size_t n);

extern char bare_answer[8192];
extern size_t bare_answer_length;
