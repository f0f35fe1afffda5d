/*
 * net: addresses and sockets. Everything is non-blocking and close-on-exec.
 */
#ifndef IO_NET_H
#define IO_NET_H

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/str.h"

enum io_result {
	IO_OK,
	IO_AGAIN, /* not now: wait for the event */
	IO_EOF,   /* the peer has sent all it will */
	IO_ERROR, /* errno says what */
};

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

/* Who is at the other end: small, for there is one in each connection. */
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
bool address_equal(const struct address *a, const struct address *b);
bool address_is_wildcard(const struct address *a);
int address_port(const struct sockaddr *a); /* 0 for unix sockets */

size_t address_print(const struct sockaddr *a, char *text);      /* without the port, "unix:" */
size_t address_print_port(const struct sockaddr *a, char *text); /* with it */

struct listen_options {
	int backlog;
	int rcvbuf, sndbuf; /* 0: the system's */
	bool reuseport, deferred, ipv6only;
	bool keepalive_set, keepalive; /* so_keepalive was given; it says so */
	int keepalive_idle, keepalive_interval, keepalive_count; /* 0: the system's */
};

int net_listen(const struct address *a, const struct listen_options *o); /* fd or -1 */
/* A socket that listens already learns what may have changed. */
void net_listen_again(int fd, const struct address *a, const struct listen_options *o);
int net_local_address(int fd, struct address *a);

enum io_result net_read(int fd, char *to, size_t n, size_t *got);
enum io_result net_write(int fd, struct str bytes, size_t *sent);

/* What has happened to the socket that nobody was told yet, once; 0: nothing. */
int net_error(int fd);

void net_set_nodelay(int fd, bool on);
void net_set_cork(int fd, bool on); /* off sends what it held back */
void net_reset_on_close(int fd);    /* close() will send RST */

#endif
