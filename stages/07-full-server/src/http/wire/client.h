/*
 * client: one connection from a client: what it has sent, what it will get, the state it is in,
 * and what other code may do with it. serve.c drives it.
 *
 * An idle connection has no buffer, no pool and no request. It needs only a slot in the table
 * and this struct.
 */
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

#include "event/accept.h"
#include "event/board.h"
#include "event/conn.h"
#include "http/site/server.h"
#include "http/wire/input.h"

struct request;

enum client_state {
	CLIENT_IDLE,
	CLIENT_HEAD,
	CLIENT_BUSY,
	CLIENT_DONE,
	CLIENT_FLUSHING,
	CLIENT_LINGERING,
};

/* Bytes that the socket did not take at the end of the turn. */
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
	int64_t since;     /* when the connection was accepted */
	int64_t until;     /* LINGERING: the time to give up */
	uint64_t number;   /* of this connection, counted from the start */
	uint32_t requests;
	uint8_t state;        /* enum client_state */
	uint8_t large_inputs; /* larger buffers used for this head */
	bool running : 1;     /* client_run is on the stack */
	bool leaving : 1;     /* close the connection when everything is sent */
	bool linger : 1;      /* ... but first wait until the client has read it */
	bool lost : 1;        /* close it now */
	bool reset : 1;       /* with RST */
	bool delayed : 1;     /* limit_rate: do not send before the timer */
	bool nagle : 1;       /* tcp_nodelay off */
	bool pipelined : 1;   /* the next request has begun to come before the last was answered */
	bool corked : 1;      /* tcp_nopush: full packets only, until the response is over */
	bool fetching : 1;    /* do not send before a thread has read the next piece */
};

struct client_stats { /* How many connections are in each state. */
	uint64_t reading, writing, waiting, requests;
};

extern struct client_stats client_stats;

enum { CLIENT_READING, CLIENT_WRITING, CLIENT_WAITING, CLIENT_REQUESTS };
extern struct board_number client_numbers[];

/* For events of other connections or threads: calls `news`, with the same work before and after
 * it as for an event of the client. */
void client_resume(struct client *c, void (*news)(struct request *r, void *data), void *data);

/* Call it when the request is over. */
void client_request_done(struct client *c);

/* The connection is lost: client_run closes it when it is called next. */
void client_lose(struct client *c);

/* The client has `ms` for its next step; or it may take any time. */
void client_wait(struct client *c, int64_t ms);

static inline void client_wait_forever(struct client *c)
{
	timer_stop(&c->conn->timer);
}

/* Memory that lives as long as the connection. NULL: no memory. */
struct pool *client_pool(struct client *c);

/* This process is going to end: from now on every response says that it is the last. */
void clients_set_leaving(void);
bool clients_are_leaving(void);

/* For serve.c: moves the connection to another state; names the function that drives it. */
void client_enter(struct client *c, enum client_state state);
void clients_drive_with(void (*run)(struct client *c));

#endif
