/*
 * bare.h - what the two bare servers share: the least that can be called a web server. Each
 * keeps its connections, takes anything that ends with an empty line for a request, and answers
 * it with the same file. So nearly all that is left of a request is the way in which a server
 * waits, and what a real server costs above that, it costs by itself.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { ANSWERS_MOST = 64 }; /* so many requests may come in one piece */

struct client {
	int fd;
	size_t length;
	bool leaves; /* its last request asks for the end of the connection */
	char in[16384];
};

/* Opens the listener on a port of the kernel's choice and says which; loads ROOT/1k. With DEFERRED
 * in the environment, a client is accepted when its request is there. */
int bare_open(int argc, char **argv, int socket_flags);

/* Returns NULL, with FD closed, when there is no memory. */
struct client *bare_client(int fd);
void bare_close(struct client *c);

/* N more bytes have come into C's buffer. Returns how many requests are whole now, at most
 * ANSWERS_MOST, and removes them from the buffer; -1: there are more. */
int bare_take(struct client *c, size_t n);

struct answer {
	char *text;
	size_t length;
};

extern struct answer bare_answer; /* its text ANSWERS_MOST times, one behind the other */
extern struct answer bare_last;   /* the same answer, and it says that the connection ends */
