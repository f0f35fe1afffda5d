/*
 * diag: what the kernel knows of a TCP socket that is not ours, or no longer.
 *
 * The kernel answers such questions on a netlink socket (sock_diag(7)), to any
 * user: "which socket has this local and this remote address?" This is what
 * `ss` asks; `netstat` reads /proc/net/tcp instead. One question costs about a
 * microsecond however many sockets there are, so that polling it is cheap.
 * IPv4 alone: the observations live on 127.0.0.1.
 */
#pragma once

#include <netinet/in.h>

enum { STATE_CLOSED = 7 }; /* TCP_CLOSE of the kernel: there is no such socket */

struct diag {
	struct sockaddr_in local, peer;
	int state; /* TCP_ESTABLISHED ... as <netinet/tcp.h> numbers them */
	unsigned recvq, sendq;
	int timer; /* 0 off, 1 retransmit, 2 keepalive, 3 TIME_WAIT, 4 zero-window probe */
	int retries;
	unsigned left_ms; /* until the timer fires */
	unsigned inode, uid;
};

const char *state_name(int state);  /* "FIN_WAIT1", as netstat spells it */
int state_number(const char *name); /* -1: no such state */

/* The socket with exactly these two ends. 0, or -1: ENOENT when there is none. A peer of port 0
 * asks for the socket that listens at LOCAL. */
int diag_find(const struct sockaddr_in *local, const struct sockaddr_in *peer,
	      struct diag *found);

/* Every IPv4 TCP socket with PORT at either end to SEEN. 0, or -1. */
int diag_each(unsigned port, void (*seen)(const struct diag *d, void *arg), void *arg);
