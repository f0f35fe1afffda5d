/*
 * sim.h - sockets that exist in this process alone: pairs, as of socketpair(2). Bytes are only
 * counted.
 *
 * The two ends of a pair share a lock, and each function takes it. When a socket becomes ready,
 * the thread that made it ready calls its hooks with the lock held. So a hook calls no function
 * of sim.h, and takes no lock that another thread may hold while it calls one.
 *
 * A socket with a hook is not closed.
 */
#pragma once

#include <stdbool.h>

struct hook {
	/* The socket has become ready for EVENTS: EP_IN, EP_OUT, EP_RDHUP, EP_HUP. */
	void (*changed)(struct hook *h, unsigned events);
	struct hook *next; /* sim.c uses it */
};

/* ---- for ep.c ---- */

bool sim_exists(int sock);
unsigned sim_ready(int sock); /* what it is ready for now */
void sim_hook(int sock, struct hook *h);
void sim_unhook(int sock,
		struct hook *h); /* when this returns, the hook is not called any more */

/* ---- for those who use the sockets ---- */

void sim_pair(int pair[2]);
long sim_write(int sock,
	       long n); /* how many bytes were taken; 0: no room; -1: the peer has closed */
long sim_read(int sock, long n); /* how many there were; 0: none */
void sim_close(int sock);
int sim_hooks(int sock); /* how many hooks the socket has */
void sim_reset(void);    /* all sockets are gone */
