/*
 * client.h - the client's side, for the tools that play clients: connect to a port of this
 * machine, read one answer. Blocking calls, each with a deadline; nothing here is for servers.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum outcome {
	ANSWERED, /* the whole answer, as long as it said it would be */
	CUT,      /* the connection ended in the middle of it */
	CLOSED,   /* ended before its first byte */
	RESET,    /* ended by force, and nothing can be read any more */
	LATE,     /* nothing for as long as we were ready to wait */
	REFUSED,  /* no process listens */
};

struct answer {
	enum outcome outcome;
	int status;      /* 200, 404...; 0: none came */
	char reason[32]; /* "OK" */
	long length;     /* of the body, as it came */
	char text[64];   /* how it begins: its first line, or what of it fits */
	bool closes;     /* it says "Connection: close", or is HTTP/1.0 without keep-alive */
	double ms;       /* from the call to the last byte */
};

/* One connection's reader: what came after the last answer stays here for the next. */
struct reader {
	int fd;
	size_t have;
	char bytes[65536];
};

double client_now(void); /* seconds */

/*
 * Connected, or -1 with errno; no call on it will wait longer than SECONDS. SOURCE (0: the
 * kernel chooses) is the address to come from: each has some 28,000 ports to offer.
 */
int client_connect(int port, double seconds, unsigned source);

/* All of it, or false with errno. */
bool client_send(int fd, const char *bytes, size_t length);

struct answer client_read(struct reader *r, bool head_only);

/* "200 OK, 5 bytes in 0.3 ms", or why not. */
const char *client_words(const struct answer *a);

/* In place: \r \n \t \0 \\ become what they mean. The new length. */
size_t client_unescape(char *text);

/* A number of at least LEAST, or the usage and exit 2. */
long client_number(const char *text, long least, const char *usage);

/* Takes as many descriptors as we may have; returns that number. */
long client_raise_limit(void);
