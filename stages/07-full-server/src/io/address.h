/*
 * address: addresses to listen on and to connect to.
 */
#ifndef IO_ADDRESS_H
#define IO_ADDRESS_H

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/str.h"

/* Any address that one can listen on or connect to. */
struct address {
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
	};
	socklen_t len;
};

/* The address of the other end. Small, because each connection has one. */
union peer {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

enum { ADDRESS_TEXT = sizeof(struct sockaddr_un) + 8 };

/*
 * "8080", "127.0.0.1:80", "[::1]:80", "*:80", "localhost:80", "unix:/path".
 * Without a port it gets `port`. Returns what is wrong, or NULL.
 */
const char *address_parse(struct address *a, struct str text, int port);
/* All addresses of a host name, at most `most`. Asking for them may take seconds, so call it
 * only while the configuration is read. */
const char *address_find(struct address *all, size_t most, size_t *count, struct str text,
			 int port);
/* true: an address and not a host name that must be looked up */
bool address_is_numeric(struct str text);
bool address_equal(const struct address *a, const struct address *b);
bool address_is_wildcard(const struct address *a);
int address_port(const struct sockaddr *a); /* 0 for unix sockets */

/* writes it without the port; a unix socket is "unix:" */
size_t address_print(const struct sockaddr *a, char *text);
size_t address_print_port(const struct sockaddr *a, char *text); /* with it */

#endif
