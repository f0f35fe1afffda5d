/*
 * address: the addresses on which the server listens, and to which it connects.
 */
#ifndef IO_ADDRESS_H
#define IO_ADDRESS_H

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/str.h"

/* Any address on which the server can listen, or to which it can connect. */
struct address {
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
	};
	socklen_t len;
};

/* The address of the other end of a connection. Each connection has such a union, so it is
 * small: it has no room for the path of a unix socket. */
union peer {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

enum { ADDRESS_TEXT = sizeof(struct sockaddr_un) + 8 };

/*
 * "8080", "127.0.0.1:80", "[::1]:80", "*:80", "localhost:80", "unix:/path". If the text has no
 * port, `port` is used. Returns the text of the error, or NULL if there is none.
 */
const char *address_parse(struct address *a, struct str text, int port);
/* Finds the addresses of a host name, at most `most` of them. Returns the text of the error, or
 * NULL. A name server may need seconds to answer, so call this function only while the
 * configuration is read. */
const char *address_find(struct address *all, size_t most, size_t *count, struct str text,
			 int port);
/* returns true if the text is an address, and false if it is a host name that must be looked up */
bool address_is_numeric(struct str text);
bool address_equal(const struct address *a, const struct address *b);
bool address_is_wildcard(const struct address *a);
int address_port(const struct sockaddr *a); /* returns 0 for unix sockets */

/* writes the address without the port, or "unix:" for a unix socket */
size_t address_print(const struct sockaddr *a, char *text);
size_t address_print_port(const struct sockaddr *a, char *text); /* also writes the port */

#endif
