/*
 * listening: the addresses that a configuration listens on, and their sockets.
 *
 * Each block that reads a `listen` adds its address, and a function for new connections. The
 * sockets are opened when the whole configuration has been read: a valid configuration keeps
 * the sockets that are open already. So no client in their queues is lost by a reload or an
 * upgrade.
 *
 * With `reuseport` every worker has a socket of its own, and the kernel distributes new
 * connections; otherwise all workers accept from the same socket. The master keeps all of them
 * open: a worker that replaces another gets its socket, with the clients that are in its
 * queue.
 */
#ifndef CONF_LISTENING_H
#define CONF_LISTENING_H

#include "conf/conf.h"
#include "event/accept.h"

enum { LISTENING_MOST = 1024 }; /* sockets of one configuration */

struct listening {
	struct listening *next;
	/* after listening_open port 0 is replaced by the port that the kernel chose */
	struct address address;
	struct listen_options options;
	char text[ADDRESS_TEXT]; /* "127.0.0.1:80" */
	const char *scheme;      /* "http://" */
	struct str file;         /* where the configuration first names it */
	int line;
	void (*on_accept)(struct listener *l, struct conn *c);
	void *owner;
	int *fds; /* `count` of them, all open */
	size_t count;
	struct listener listener; /* used in a process that serves */
};

/* Added at the end of cf->listening. The line of the configuration is cf->file, cf->line. NULL
 * after conf_fail. */
struct listening *listening_add(struct conf *cf, const struct address *a,
				const struct listen_options *o);

/* With reuseport it opens a socket for each worker. -1 after conf_fail. In a test of the
 * configuration, an address that is in use is no error. */
int listening_open(struct conf *cf, struct listening *list, size_t workers);
void listening_close(struct listening *list);

/* Unlinks the files of unix: sockets. Call it in the last process that listens on them. */
void listening_remove(const struct listening *list);

/* Stores the descriptors of the sockets, for a configuration that inherits them. Returns how
 * many there are. */
size_t listening_sockets(const struct listening *list, int *fds, size_t room);

/* For the process with the number `worker`. */
struct listening_role {
	size_t worker, workers;
	bool multi_accept;
};

int listening_accept(struct listening *list, const struct listening_role *role);
/* Accepts the clients that wait at sockets which only this process has, then stops. */
void listening_stop(struct listening *list);

#endif
