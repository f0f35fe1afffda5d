/*
 * listening: the addresses that a configuration listens on, and their sockets.
 *
 * Whoever reads a `listen` adds its address, with what to do with newcomers.
 * The sockets are opened when the whole configuration has been read: a good
 * one keeps those that are open already, so that nobody who waits in their
 * queues is lost by a reload or an upgrade.
 *
 * With `reuseport` every worker has a socket of its own, and the kernel deals
 * newcomers out; otherwise all accept from the same one. The master has them
 * all: a worker that takes the place of another finds its socket, and in its
 * queue those who came meanwhile.
 */
#ifndef CONF_LISTENING_H
#define CONF_LISTENING_H

#include "conf/conf.h"
#include "event/accept.h"

enum { LISTENING_MOST = 1024 }; /* sockets of one configuration */

struct listening {
	struct listening *next;
	struct address address; /* once open: with the port that the kernel chose for port 0 */
	struct listen_options options;
	char text[ADDRESS_TEXT]; /* "127.0.0.1:80" */
	const char *scheme;      /* "http://" */
	struct str file;         /* where the configuration first says so */
	int line;
	void (*on_accept)(struct listener *l, struct conn *c);
	void *owner;
	int *fds; /* `count` of them, all open */
	size_t count;
	struct listener listener; /* in a process that serves: the one it accepts from */
};

/* Behind the others in cf->listening; its place is cf->file, cf->line. NULL after conf_fail. */
struct listening *listening_add(struct conf *cf, const struct address *a,
				const struct listen_options *o);

/* With reuseport a socket for each worker. -1 after conf_fail; in a test an address in use is
 * no error. */
int listening_open(struct conf *cf, struct listening *list, size_t workers);
void listening_close(struct listening *list);

/* The files of unix: sockets that are open, by the last who listens. */
void listening_remove(const struct listening *list);

/* The sockets' descriptors, for a configuration that inherits them. How many there are. */
size_t listening_sockets(const struct listening *list, int *fds, size_t room);

/* In the WORKER-th process. */
struct listening_role {
	size_t worker, workers;
	bool multi_accept;
};

int listening_accept(struct listening *list, const struct listening_role *role);
void listening_stop(struct listening *list); /* who waits at a socket of ours alone is let in */

#endif
