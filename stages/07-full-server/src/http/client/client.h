/*
 * client: one connection from a client, and the requests that come on it one
 * after the other.
 *
 *           bytes            head whole             request_finish
 *   IDLE ----------> HEAD ----------------> BUSY -------------------> DONE
 *    ^ ^              ^                                                | |
 *    | `- none left --'<----------------- keep-alive -------------- ---' |
 *    |                                       ^                           |
 *    `- (keep-alive timeout: close)      FLUSHING <--- socket full ------+
 *                                            |                           |
 *                                            `--> LINGERING --> closed <-'
 *
 * Only this file moves a connection from state to state and closes it. What
 * handlers call (request_finish) leaves a note, and client_run acts on it.
 *
 * An idle connection has no buffer, no pool and no request: a slot in the
 * table and this struct are all of it.
 */
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

#include "event/accept.h"
#include "event/board.h"
#include "event/conn.h"
#include "http/request/request.h"
#include "http/site/server.h"

enum client_state {
	CLIENT_IDLE,
	CLIENT_HEAD,
	CLIENT_BUSY,
	CLIENT_DONE,
	CLIENT_FLUSHING,
	CLIENT_LINGERING,
};

/* What the client sent: heads point into it, so it stays where it is until the request is over. */
struct input {
	struct input *older; /* older inputs of the same request */
	size_t size;
	char *line; /* not parsed yet from here */
	char *scan; /* searched up to here for the end of the line */
	char *last; /* read up to here */
	char *end;
	char bytes[];
};

/* What the socket did not take at the end of the turn. */
struct unsent {
	size_t at, len;
	char bytes[];
};

struct client {
	struct conn *conn;
	struct listen_point *point;
	struct request *request;
	struct input *input; /* the newest */
	struct unsent *unsent;
	struct pool *pool; /* NULL until client_pool */
	int64_t since; /* when it was accepted; LINGERING: when the lingering ends at the latest */
	uint64_t number; /* of all connections so far */
	uint32_t requests;
	uint8_t state;        /* enum client_state */
	uint8_t large_inputs; /* larger buffers used for this head */
	bool running : 1;     /* client_run is on the stack */
	bool leaving : 1;     /* close it when everything is sent */
	bool linger : 1;      /* and wait for the client to have read it */
	bool lost : 1;        /* close it now */
	bool reset : 1;       /* with RST */
	bool delayed : 1;     /* limit_rate: do not send before the timer */
	bool nagle : 1;       /* tcp_nodelay off */
	bool corked : 1;      /* tcp_nopush: full packets only, until the response is over */
	bool fetching : 1;    /* do not send before a thread has read the next piece */
};

struct client_stats { /* counts connections by what they do */
	uint64_t reading, writing, waiting, requests;
};

extern struct client_stats client_stats;

enum { CLIENT_READING, CLIENT_WRITING, CLIENT_WAITING, CLIENT_REQUESTS };
extern struct board_number client_numbers[];

void client_accept(struct listener *l, struct conn *c);

/* Goes on where it can. Every entry from an event ends here. */
void client_run(struct client *c);

/* For events from elsewhere: calls `news` in the same way as client_run would. */
void client_resume(struct client *c, void (*news)(struct request *r, void *data), void *data);

/* For request.c: the request is over. */
void client_request_done(struct client *c);

/* Memory that lives as long as the connection; NULL: none left. */
struct pool *client_pool(struct client *c);

/* For body.c: more bytes, in a fresh or emptied input. */
enum io_result client_read(struct client *c, size_t room);

/* Graceful exit: idle ones go soon, the others after their response, which says that it is the last. */
void clients_leave(void);
bool clients_are_leaving(void);
void clients_drop(void); /* closes all connections now, and frees what is kept for new ones */

/* http/wire/input.c */
struct input *input_create(size_t size);
void input_destroy(struct input *in);
void inputs_release_kept(void);

/* The address that the client connected to, if the listener is for several addresses. */
struct listen_point *client_point_of(struct listen_point *p, const struct conn *c);

#endif
