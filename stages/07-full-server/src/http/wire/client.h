/*
 * client: one connection from a client. The struct has the state of the connection, the bytes
 * that the client has sent, and the bytes that the client will get. Other code may call the
 * functions in this file. serve.c drives the connection.
 *
 * An idle connection has no buffer, no pool and no request. It needs only its struct client and
 * a slot in the table of connections.
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

/* Holds the bytes that the socket did not take before the end of the turn. */
struct unsent {
	size_t at, len;
	char bytes[];
};

struct client {
	struct conn *conn;
	struct listen_point *point;
	struct request *request;
	struct input *input; /* the newest input, which links to the older ones */
	struct unsent *unsent;
	struct pool *pool; /* NULL until client_pool is called */
	int64_t since;     /* when the connection was accepted */
	int64_t until;     /* in CLIENT_LINGERING: the server closes the connection at this time */
	uint64_t number;   /* number of this connection, counted from the start of the process */
	uint32_t requests;
	uint8_t state;        /* enum client_state */
	uint8_t large_inputs; /* number of larger buffers used for this head */
	bool running : 1;     /* client_run is running now for this client */
	bool leaving : 1;     /* close the connection when everything is sent */
	/* with `leaving`: end the sending, and read until the client closes too, see linger.h */
	bool linger : 1;
	bool lost : 1;    /* close the connection now */
	bool reset : 1;   /* close with RST instead of FIN */
	bool delayed : 1; /* limit_rate: do not send before the timer expires */
	bool nagle : 1;   /* tcp_nodelay is off */
	/* bytes of the next request came before the last request was answered */
	bool pipelined : 1;
	/* tcp_nopush: the kernel sends only full packets until output_uncork */
	bool corked : 1;
	bool fetching : 1; /* do not send until a thread has read the next piece of a file */
};

struct client_stats { /* The number of connections in each state, and of requests. */
	uint64_t reading, writing, waiting, requests;
};

extern struct client_stats client_stats;

enum { CLIENT_READING, CLIENT_WRITING, CLIENT_WAITING, CLIENT_REQUESTS };
extern struct board_number client_numbers[];

/* Call client_resume for an event of another connection or of a thread. client_resume calls
 * `news`. Before and after this call it does the same work as for an event of the client. */
void client_resume(struct client *c, void (*news)(struct request *r, void *data), void *data);

/* Call client_request_done when the request is over. */
void client_request_done(struct client *c);

/* Marks the connection as lost. The next call of client_run closes the connection. */
void client_lose(struct client *c);

/* client_wait gives the client `ms` milliseconds for its next step. client_wait_forever removes
 * this limit. */
void client_wait(struct client *c, int64_t ms);

static inline void client_wait_forever(struct client *c)
{
	timer_stop(&c->conn->timer);
}

/* Returns a pool that lives as long as the connection, or NULL if there is no memory. */
struct pool *client_pool(struct client *c);

/* Call clients_set_leaving when this process is going to exit. From then on every response
 * tells the client that the connection will be closed. */
void clients_set_leaving(void);
bool clients_are_leaving(void);

/* Only for serve.c: client_enter moves a connection to another state; clients_drive_with
 * sets the function that drives each connection. */
void client_enter(struct client *c, enum client_state state);
void clients_drive_with(void (*run)(struct client *c));

#endif
