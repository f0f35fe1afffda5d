/*
 * net: opens, reads and writes sockets. All sockets are non-blocking and close-on-exec.
 */
#ifndef IO_NET_H
#define IO_NET_H

#include "io/address.h"

enum io_result {
	IO_OK,
	IO_AGAIN, /* not possible now: wait for the next event */
	IO_EOF,   /* end of file: the peer will send no more bytes */
	IO_ERROR, /* errno says which error */
};

struct listen_options {
	int backlog;
	int rcvbuf, sndbuf; /* 0 means the default of the system */
	bool reuseport, deferred, ipv6only;
	/* keepalive_set: so_keepalive is in the configuration; keepalive: its value */
	bool keepalive_set, keepalive;
	/* 0 means the default of the system */
	int keepalive_idle, keepalive_interval, keepalive_count;
};

/* returns the descriptor or -1 */
int net_listen(const struct address *a, const struct listen_options *o);
/* Sets options again on a socket that already listens, because a new configuration may have
 * changed them. */
void net_listen_again(int fd, const struct address *a, const struct listen_options *o);
int net_local_address(int fd, struct address *a);

/*
 * Returns a socket that connects to `to`, or -1 and sets errno. If *under_way is true, the
 * socket becomes writable when the result is known; then net_error returns the result. `from`
 * is the local address. If it is NULL, the kernel chooses the local address.
 */
int net_connect(const struct address *to, const struct address *from, bool *under_way);
/* Returns true if connecting has failed for a reason on this side, for example because no
 * descriptor was free. Then the other server is not the cause. */
bool net_is_own_fault(int error);

enum io_result net_read(int fd, char *to, size_t n, size_t *got);
enum io_result net_write(int fd, struct str bytes, size_t *sent);

/* Returns true if there are bytes to read. The bytes stay in the socket. */
bool net_has_bytes(int fd);

/* Returns the pending error of the socket and clears it. Returns 0 if there is none. */
int net_error(int fd);

void net_set_nodelay(int fd, bool on);
/* with `on` false, the kernel sends the bytes that it held back */
void net_set_cork(int fd, bool on);
/* Returns how many bytes one packet can carry, or 0 if the socket has no such limit. */
off_t net_packet_size(int fd);
void net_reset_on_close(int fd); /* a later close() sends RST */

#endif
