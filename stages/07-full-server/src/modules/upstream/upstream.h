/*
 * upstream: the servers behind this one, and the connections to them.
 *
 * An upstream is an `upstream {}` block, or a single address. While the configuration is read,
 * its name is turned into a struct upstream once. Each request has a struct upstream_use of its
 * own. It asks for a connection, and gives it back:
 *
 *     use->upstream = ...; use->on_answer = ...;
 *     upstream_ask(use) ---> CONNECTED: use->conn is yours: set its calls and its owner
 *                       |     WAIT: on_answer follows, with one of the other answers
 *                       |     REFUSED ... TIMED_OUT: this server has failed; upstream_next, or give up
 *                       `---> NONE_LIVE, QUEUE_*: no server can be had; there is no next one
 *
 *     the answer is whole                     upstream_give_back(use, true)
 *     ... but the connection cannot stay      upstream_give_back(use, false)
 *     the server has failed                   upstream_fail(use), then perhaps upstream_next(use)
 *     a kept connection was dead              upstream_again(use)
 *     the client has gone, in any state       upstream_leave(use)
 *
 * Never call conn_close on use->conn: this room closes it. After the calls above it is NULL.
 * Every use ends with upstream_leave, also after the others; it may be called twice.
 *
 * on_answer is called from the event loop, never from inside one of these functions. The request
 * is then driven with client_resume, as for every event from elsewhere.
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
	UPSTREAM_NONE_LIVE,     /* every server is down, failed lately or was tried */
	UPSTREAM_QUEUE_FULL,    /* all connections are used, and the queue has no place */
	UPSTREAM_QUEUE_TIMEOUT, /* it has waited in the queue too long */
	UPSTREAM_REFUSED,       /* no process listens at that address */
	UPSTREAM_UNREACHABLE,   /* the network says that no way leads there */
	UPSTREAM_RESET,         /* another error while connecting */
	UPSTREAM_TIMED_OUT,     /* connecting took longer than connect_timeout */
	UPSTREAM_NO_RESOURCES,  /* this process has no descriptor, no slot or no memory */
};

/* One request's use of an upstream. It starts as all zeroes, and lives as long as the
 * request. */
struct upstream_use {
	/* set by the request, before upstream_ask */
	struct upstream *upstream;
	/* gives its pool and its log; for ip_hash and hash also its client and its variables */
	struct request *request;
	int64_t connect_timeout;    /* ms */
	const struct address *bind; /* connect from this address; NULL: any */
	void (*on_answer)(struct upstream_use *use, enum upstream_answer answer);

	/* the answer */
	struct conn *conn; /* from CONNECTED until it is given back */
	bool reused;       /* it has carried requests before */
	/* the server's: "127.0.0.1:80"; before one is chosen, the upstream's */
	struct str name;
	int error;            /* the errno of REFUSED to NO_RESOURCES */
	int64_t connect_time; /* ms; 0: a kept connection was used */

	/* of this room */
	struct link *link;
	int64_t began;      /* connecting, or waiting */
	uint32_t server;    /* the index of the server */
	bool counted;       /* it is in the counts of that server */
	struct str key;     /* what ip_hash or hash use to choose */
	uint64_t *tried;    /* bit i: this request has had server i */
	uint64_t few_tried; /* room for those bits, up to 64 servers */
	struct list waits;  /* in the queue */
	struct timer timer; /* runs while it is in the queue */
};

/* ---- while the configuration is read */

/*
 * The upstream of a name, which may be defined later in the file, or of an address: "name",
 * "host:port", "[::1]:80", "unix:/path". `port`: for an address without a port. NULL after
 * conf_fail. A name that is neither becomes an error when http {} closes.
 */
struct upstream *upstream_named(struct conf *cf, struct str name, int port);

/* ---- while serving */

/* The same while serving, for a name that comes from variables. It finds only upstreams of the
 * configuration and numeric addresses; no name is looked up. NULL: it is neither, or r->pool
 * has no memory. */
struct upstream *upstream_find(struct request *r, struct str name, int port);

struct str upstream_name(const struct upstream *u);

enum upstream_answer upstream_ask(struct upstream_use *use);

/* Call it after a failure: it asks another server, never one that this request has had. */
enum upstream_answer upstream_next(struct upstream_use *use);
/* False: upstream_next would return NONE_LIVE. */
bool upstream_has_next(struct upstream_use *use);

/* Call it when use->reused is set and the connection was closed before a byte of the answer
 * came. It makes a new connection to the same server, which does not count as failed. */
enum upstream_answer upstream_again(struct upstream_use *use);

/* `keep`: all bytes of the answer were read and no further byte has come, and both sides want
 * to keep the connection. */
void upstream_give_back(struct upstream_use *use, bool keep);
void upstream_fail(struct upstream_use *use);
void upstream_leave(struct upstream_use *use);

/* The status that a client gets for a failure: 500, 502, 503 or 504; and its name in the log. */
int upstream_status(enum upstream_answer answer);
const char *upstream_reason(enum upstream_answer answer);

/* For /status. `conns`: what all workers use, if there is a zone. `busy` and `idle`: only this
 * process. */
struct upstream_server {
	struct str upstream, name;
	uint32_t busy, idle, conns, fails;
	const char *state; /* "up", "backup", "full", "failed", "down" */
};

/* false: there are no more servers */
bool upstream_server_at(uint32_t at, struct upstream_server *to);

#endif
