/*
 * link: one connection to a server. A request uses it, or it is kept for the next request.
 *
 *      link_open                connected                link_keep
 * -------------> CONNECTING -------------> USED <-----------------> IDLE
 *                     |                       |       link_idle        |
 *                     v                       v                        v  keepalive_timeout,
 *                   closed                  closed                   closed   the server closes it
 */
#ifndef UPSTREAM_LINK_H
#define UPSTREAM_LINK_H

#include "modules/upstream/group.h"

struct link {
	struct conn *conn;
	struct upstream *upstream;
	struct backend *server;
	struct upstream_use *use; /* NULL means that the connection is idle */
	/* the place in upstream->idle, while the connection is idle */
	struct list by_age;
	struct list same; /* the place in server->idle, while the connection is idle */
	int64_t opened;
	uint32_t requests;
	/* the local address of the connection; NULL: the kernel has chosen it */
	struct address *bind;
};

/* Returns an idle connection to the server. The connection is usable: its socket was checked.
 * Returns NULL when there is none. */
struct link *link_idle(struct upstream_use *use, struct backend *s);

/* Opens a new connection. Returns NULL when this fails; errno says why. If l->conn->connecting
 * is set, link_connected or link_failed follows. */
struct link *link_open(struct upstream_use *use, struct backend *s);
void link_connected(struct link *l);
void link_failed(struct link *l, enum upstream_answer answer, int error);

void link_keep(struct link *l);
void link_close(struct link *l);
/* Closes idle connections to the server if a new connection would exceed pool_max. */
void links_make_room(struct upstream *u, struct backend *s);
void links_close_idle(struct upstream *u);

enum upstream_answer link_answer(int error);

#endif
