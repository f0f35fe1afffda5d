/*
 * upstream: the servers behind this server, and the connections to them.
 *
 * An upstream is an `upstream {}` block or a single address. Each name is turned into a struct
 * upstream once, while the configuration is read. Each request has its own struct upstream_use.
 * With it, the request asks for a connection and gives the connection back:
 *
 *     use->upstream = ...; use->on_answer = ...;
 *     upstream_ask(use) ---> CONNECTED: set the calls and the owner of use->conn
 *                       |    WAIT: on_answer follows, with one of the other answers
 *                       |    REFUSED ... TIMED_OUT: this server has failed; call upstream_next
 *                       `--> NONE_LIVE, QUEUE_*: there is no server for this request
 *
 *     the answer is whole                      upstream_give_back(use, true)
 *     ... but the connection must be closed    upstream_give_back(use, false)
 *     the server has failed                    upstream_fail(use), then perhaps upstream_next(use)
 *     a kept connection was closed             upstream_again(use)
 *     the client has left, in any state        upstream_leave(use)
 *
 * Do not call conn_close on use->conn: the functions above close the connection and set
 * use->conn to NULL. Every use ends with upstream_leave, also after the other functions.
 * upstream_leave may be called twice.
 *
 * on_answer is called from the event loop, never from inside one of these functions. Inside
 * on_answer, use client_resume to continue the request.
 */
#ifndef UPSTREAM_H
#define UPSTREAM_H

#include "conf/conf.h"
#include "event/conn.h"
#include "event/timer.h"

struct link;
struct request;
struct upstream;

enum upstream_answer {
	UPSTREAM_CONNECTED,
	UPSTREAM_WAIT,
	UPSTREAM_NONE_LIVE,     /* every server is down, has failed lately or was tried */
	UPSTREAM_QUEUE_FULL,    /* all connections are used, and the queue is full */
	UPSTREAM_QUEUE_TIMEOUT, /* the request has waited in the queue too long */
	UPSTREAM_REFUSED,       /* no process listens at that address */
	UPSTREAM_UNREACHABLE,   /* there is no route to that address */
	UPSTREAM_RESET,         /* connecting has failed with another error */
	UPSTREAM_TIMED_OUT,     /* connecting has taken longer than connect_timeout */
	UPSTREAM_NO_RESOURCES,  /* this process has no descriptor, no slot or no memory */
};

/* The use of an upstream by one request. All members are zero at the start. The struct must
 * live as long as the request. */
struct upstream_use {
	/* set these members before upstream_ask */
	struct upstream *upstream;
	/* The request's pool and log are used. ip_hash and hash also use its client and its
	 * variables. */
	struct request *request;
	int64_t connect_timeout;    /* in ms */
	const struct address *bind; /* the local address of the connection; NULL: any */
	void (*on_answer)(struct upstream_use *use, enum upstream_answer answer);

	/* the results */
	struct conn *conn; /* valid from CONNECTED until the connection is given back */
	bool reused;       /* the connection has carried other requests before */
	/* the name of the server, such as "127.0.0.1:80"; before a server is chosen, the
	 * upstream's name */
	struct str name;
	int error;            /* the errno of the answers REFUSED to NO_RESOURCES */
	int64_t connect_time; /* in ms; 0 means that a kept connection was used */

	/* used only by the files of this folder */
	struct link *link;
	int64_t began;      /* when connecting began */
	uint32_t server;    /* the index of the server */
	bool counted;       /* the request is in the counts of that server */
	struct str key;     /* the value from which ip_hash or hash chooses */
	uint64_t *tried;    /* bit i means that this request has tried server i */
	uint64_t few_tried; /* room for these bits, for at most 64 servers */
	struct list waits;  /* the link in the queue */
	struct timer timer; /* runs while the request is in the queue */
};

/* ---- while the configuration is read */

/*
 * Returns the upstream of a name. The name may be an address: "host:port", "[::1]:80" or
 * "unix:/path". It may also belong to a block that comes later in the file. `port` is used for
 * an address without a port. Returns NULL after conf_fail. A name that is neither a block nor
 * an address becomes an error at the end of http {}.
 */
struct upstream *upstream_named(struct conf *cf, struct str name, int port);

/* ---- while serving */

/* Does the same while serving, for a name that comes from variables. Only upstreams of the
 * configuration and numeric addresses are found, because looking up a host name would block the
 * worker. Returns NULL when the name is not found, or when r->pool has no memory. */
struct upstream *upstream_find(struct request *r, struct str name, int port);

struct str upstream_name(const struct upstream *u);

enum upstream_answer upstream_ask(struct upstream_use *use);

/* Call this function after a failure. It asks for another server that this request has not
 * tried. */
enum upstream_answer upstream_next(struct upstream_use *use);
/* Returns false when upstream_next would return NONE_LIVE. */
bool upstream_has_next(struct upstream_use *use);

/* Call this function when use->reused is set, and the connection was closed before a byte of
 * the reply came. It makes a new connection to the same server. The server does not count as
 * failed. */
enum upstream_answer upstream_again(struct upstream_use *use);

/* `keep`: the connection may carry another request. This is allowed if both sides want to keep
 * the connection, all bytes of the reply were read, and no byte has come after them. */
void upstream_give_back(struct upstream_use *use, bool keep);
void upstream_fail(struct upstream_use *use);
void upstream_leave(struct upstream_use *use);

/* Return the status that a client gets for a failure (500, 502, 503 or 504), and the text for
 * the log. */
int upstream_status(enum upstream_answer answer);
const char *upstream_reason(enum upstream_answer answer);

/* The numbers of one server for /status. If there is a zone, `conns` counts the connections of
 * all workers. `busy` and `idle` count only this process. */
struct upstream_server {
	struct str upstream, name;
	uint32_t busy, idle, conns, fails;
	const char *state; /* "up", "backup", "full", "failed", "down" */
};

/* returns false when there are no more servers */
bool upstream_server_at(uint32_t at, struct upstream_server *to);

#endif
