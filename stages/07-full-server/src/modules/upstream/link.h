/*
 * link: one connection to a server, used by a request or kept for the next one.
 *
 *      link_open                connected                link_keep
 *  -------------> CONNECTING -------------> USED <-----------------> IDLE
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
	struct upstream_use *use; /* NULL: idle */
	struct list by_age;       /* its place in upstream->idle, while it is idle */
	struct list same;         /* its place in server->idle, while it is idle */
	int64_t opened;
	uint32_t requests;
	struct address *bind; /* the address it connects from, if the request names one */
};

/* An idle connection to that server that is still alive. NULL: there is none. */
struct link *link_idle(struct upstream_use *use, struct backend *s);

/* A new connection. NULL: errno says why. It is CONNECTED, or link_connected or link_failed
 * follows. */
struct link *link_open(struct upstream_use *use, struct backend *s);
void link_connected(struct link *l);
void link_failed(struct link *l, enum upstream_answer answer, int error);

void link_keep(struct link *l);
void link_close(struct link *l);
/* pool_max also counts idle connections: closes some of them if a new one would be too many. */
void links_make_room(struct upstream *u, struct backend *s);
void links_close_idle(struct upstream *u);

enum upstream_answer link_answer(int error);

#endif
