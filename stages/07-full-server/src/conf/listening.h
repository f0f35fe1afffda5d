/*
 * listening: the addresses on which a configuration listens, and their sockets.
 *
 * Each `listen` adds an address, and a function for new connections. The sockets are opened
 * when the whole configuration has been read. If a socket for the address is open already, it
 * is used again. So a reload or an upgrade loses no client that waits in the queue of such a
 * socket.
 *
 * With `reuseport` every worker has its own socket, and the kernel distributes new connections
 * to the sockets. Otherwise all workers accept from the same socket. The master keeps all
 * sockets open. So when a new worker replaces an old one, it gets the same socket, with the
 * clients in its queue.
 */
#ifndef CONF_LISTENING_H
#define CONF_LISTENING_H

#include "conf/conf.h"
#include "event/accept.h"

enum { LISTENING_MOST = 1024 }; /* the most sockets of one configuration */

struct listening {
	struct listening *next;
	/* if the port is 0, listening_open replaces it by the port that the kernel has chosen */
	struct address address;
	struct listen_options options;
	char text[ADDRESS_TEXT]; /* "127.0.0.1:80" */
	const char *scheme;      /* "http://" */
	struct str file;         /* where the configuration first names the address */
	int line;
	void (*on_accept)(struct listener *l, struct conn *c);
	void *owner;
	int *fds; /* `count` open descriptors */
	size_t count;
	struct listener listener; /* used in a process that serves */
};

/* Adds an address at the end of cf->listening. Stores cf->file and cf->line as its place in the
 * configuration. Returns NULL after conf_fail. */
struct listening *listening_add(struct conf *cf, const struct address *a,
				const struct listen_options *o);

/* Opens the sockets: one per address, or with reuseport one per worker. Returns -1 after
 * conf_fail. In a test (-t), an address that is already in use is not an error. */
int listening_open(struct conf *cf, struct listening *list, size_t workers);
void listening_close(struct listening *list);

/* Unlinks the files of unix: sockets. Call it in the last process that listens on them. */
void listening_remove(const struct listening *list);

/* Stores the descriptors of all sockets in `fds`, for a configuration that inherits them.
 * Returns the number of descriptors. */
size_t listening_sockets(const struct listening *list, int *fds, size_t room);

/* Starts accepting in the process with the number `worker`. */
struct listening_role {
	size_t worker, workers;
	bool multi_accept;
};

int listening_accept(struct listening *list, const struct listening_role *role);
/* Stops accepting. Before that, accepts the clients that wait at sockets that only this process
 * uses. */
void listening_stop(struct listening *list);

#endif
