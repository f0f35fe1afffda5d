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
	UPSTREAM_QUEUE_TIMEOUT, /* it has waited too long in the queue */
	UPSTREAM_REFUSED,       /* no process listens there */
	UPSTREAM_UNREACHABLE,   /* the network says that there is no way */
	UPSTREAM_RESET,         /* another error while connecting */
	UPSTREAM_TIMED_OUT,     /* connecting took longer than connect_timeout */
	UPSTREAM_NO_RESOURCES,  /* this process has no descriptor, no slot or no memory */
};

/* One request's use of an upstream. All zeroes at first. It lives as long as the request. */
struct upstream_use {
	/* set by the request, before upstream_ask */
	struct upstream *upstream;
	struct request
	    *request; /* its pool and its log; its client and its variables, for ip_hash and hash */
	int64_t connect_timeout;    /* ms */
	const struct address *bind; /* connect from this address; NULL: any */
	void (*on_answer)(struct upstream_use *use, enum upstream_answer answer);

	/* the answer */
	struct conn *conn; /* CONNECTED: until it is given back */
	bool reused;       /* it has carried requests before */
	struct str name;   /* of the server: "127.0.0.1:80"; of the upstream while there is none */
	int error;         /* errno, REFUSED to NO_RESOURCES */
	int64_t connect_time; /* ms; 0 for a reused one */

	/* of this room */
	struct link *link;
	int64_t began;      /* connecting, or waiting */
	uint32_t server;    /* index of the server */
	bool counted;       /* that server counts this use */
	struct str key;     /* of the request, for ip_hash and hash */
	uint64_t *tried;    /* a bit for each server that this request has had */
	uint64_t few_tried; /* those bits, for 64 servers */
	struct list waits;  /* in the queue */
	struct timer timer; /* how long it may be there */
};

/* ---- while the configuration is read */

/*
 * The upstream with this name, which may be defined later in the file, or that address: "name",
 * "host:port", "[::1]:80", "unix:/path". `port`: for an address without one. NULL after
 * conf_fail. What is neither becomes an error when http {} closes.
 */
struct upstream *upstream_named(struct conf *cf, struct str name, int port);

/* ---- while serving */

/* The same at run time, for a name that comes from variables. Only upstreams of the configuration and
 * numeric addresses: no name is looked up. NULL: neither, or no memory in r->pool. */
struct upstream *upstream_find(struct request *r, struct str name, int port);

struct str upstream_name(const struct upstream *u);

enum upstream_answer upstream_ask(struct upstream_use *use);

/* After a failure: another server, never one that this request has had. */
enum upstream_answer upstream_next(struct upstream_use *use);
/* False: upstream_next would say NONE_LIVE. */
bool upstream_has_next(struct upstream_use *use);

/* use->reused, and the connection was closed before a byte of the answer came: a new connection to
 * the same server. The server is not blamed. */
enum upstream_answer upstream_again(struct upstream_use *use);

/* Keep: the answer was read to its end, not a byte more, and both sides want to keep it. */
void upstream_give_back(struct upstream_use *use, bool keep);
void upstream_fail(struct upstream_use *use);
void upstream_leave(struct upstream_use *use);

/* The status for an answer that is a failure: 500, 502, 503 or 504. And what the log says. */
int upstream_status(enum upstream_answer answer);
const char *upstream_reason(enum upstream_answer answer);

/* For /status. `conns` is what all workers use of it if there is a zone; `busy` and `idle` are this process's. */
struct upstream_server {
	struct str upstream, name;
	uint32_t busy, idle, conns, fails;
	const char *state; /* "up", "backup", "full", "failed", "down" */
};

bool upstream_server_at(uint32_t at, struct upstream_server *to); /* false: there are no more */

#endif
