/*
 * net: sockets. All of them are non-blocking and close-on-exec.
 */
#ifndef IO_NET_H
#define IO_NET_H

#include "io/address.h"

enum io_result {
	IO_OK,
	IO_AGAIN, /* not now: wait for the event */
	IO_EOF,   /* end of file: the peer sends nothing more */
	IO_ERROR, /* errno says what */
};

struct listen_options {
	int backlog;
	int rcvbuf, sndbuf; /* 0: the system's */
	bool reuseport, deferred, ipv6only;
	bool keepalive_set, keepalive; /* the option so_keepalive was given; this is its value */
	int keepalive_idle, keepalive_interval, keepalive_count; /* 0: the system's */
};

int net_listen(const struct address *a, const struct listen_options *o); /* fd or -1 */
/* Sets the options that a new configuration may have changed, on a socket that is already
 * listening. */
void net_listen_again(int fd, const struct address *a, const struct listen_options *o);
int net_local_address(int fd, struct address *a);

/*
 * A socket that connects; -1: errno says why it cannot. While it connects: when the result is
 * known, the socket becomes writable, and net_error returns the result. `from`: its own address;
 * NULL: the kernel chooses.
 */
int net_connect(const struct address *to, const struct address *from, bool *under_way);
/* True: connecting has failed for a reason on this side, such as no free descriptor; the server
 * is not the cause. */
bool net_is_own_fault(int error);

enum io_result net_read(int fd, char *to, size_t n, size_t *got);
enum io_result net_write(int fd, struct str bytes, size_t *sent);

/* True: there are bytes to read. They stay there. */
bool net_has_bytes(int fd);

/* The pending error of the socket, reported once; 0: none. */
int net_error(int fd);

void net_set_nodelay(int fd, bool on);
void net_set_cork(int fd, bool on); /* `on` false sends what was held back */
/* The most bytes that one packet carries; 0: the socket has no such limit. */
off_t net_packet_size(int fd);
void net_reset_on_close(int fd); /* close() will send RST */

#endif
