/*
 * net: sockets. All of them are non-blocking and close-on-exec.
 */
#ifndef IO_NET_H
#define IO_NET_H

#include "io/address.h"

enum io_result {
	IO_OK,
	IO_AGAIN, /* not now: wait for the event */
	IO_EOF,   /* the peer has sent all it will */
	IO_ERROR, /* errno says what */
};

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

/*
 * A socket that connects; -1: errno says why it cannot. Under way: the socket is writable when
 * it is known how that has ended, and net_error says how.
 */
int net_connect(const struct address *to, bool *under_way);
/* Connecting has failed for want of something here, which is no fault of the other side. */
bool net_is_own_fault(int error);

enum io_result net_read(int fd, char *to, size_t n, size_t *got);
enum io_result net_write(int fd, struct str bytes, size_t *sent);

/* What has happened to the socket that nobody was told yet, once; 0: nothing. */
int net_error(int fd);

void net_set_nodelay(int fd, bool on);
void net_set_cork(int fd, bool on); /* off sends what it held back */
/* How many bytes one packet carries at most; 0: it has none. */
off_t net_packet_size(int fd);
void net_reset_on_close(int fd); /* close() will send RST */

#endif
