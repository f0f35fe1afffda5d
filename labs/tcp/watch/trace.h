/*
 * trace: the kernel's tracepoint sock:inet_sock_set_state, read through tracefs.
 *
 * Each change of state becomes a line, with the time; none is missed. It needs root. We work
 * in an instance of our own (a folder below instances/), so that whatever else is traced on
 * this machine is left alone, and remove it at the end. What it does not tell: the life of
 * TIME_WAIT (a FIN_WAIT2 socket is "closed" and a small one takes its place), and the first
 * half of the server's handshake (SYN_RECV is told of when it ends).
 */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>

struct change {
	double when;
	struct sockaddr_in local, peer;
	int old, new;
};

bool trace_open(void); /* false: not possible here; trace_why says why */
extern const char *trace_why;
bool trace_ports(const unsigned *ports, int n); /* from now on these */
int trace_fd(void);                             /* readable when there is something */
bool trace_next(struct change *c);              /* false: nothing more at the moment */
void trace_close(void);
