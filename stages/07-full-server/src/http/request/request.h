/*
 * request: one request and its response, from its first byte to its log line.
 *
 *   created --head is whole--> phases --content--> sending --all sent--> done
 *                                |                                        |
 *                                `-- waits: body, upstream, timer --------' (request_finish)
 *
 * It owns its pool, and everything made for it lives there. It does not own
 * the connection: only client.c decides what happens to that, after
 * request_finish has told it.
 */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include "base/pattern.h"
#include "event/timer.h"
#include "http/message/header.h"
#include "http/message/parse.h"
#include "http/message/response.h"
#include "http/site/http.h"
#include "http/site/phase.h"
#include "io/buf.h"
#include "io/net.h"

struct client;
struct body;
struct fetch;
struct subrequest;
struct page;
struct postponed;
struct core_location;

enum { REDIRECTS_MAX = 10 };

/* How the body of the request is delimited. */
enum body_kind { BODY_NONE, BODY_LENGTH, BODY_CHUNKED };

/* What the client sent. */
struct request_input {
	struct str raw_line; /* as received, valid or not: for the log */
	struct request_line line;
	struct header_list headers;
	/* by id: 1 + the index in `headers` of the first line with this id; 0: none */
	uint16_t known[HEADER_IDS];
	struct str host;        /* lower case, without the port */
	int64_t content_length; /* LENGTH_UNKNOWN */
	enum body_kind body_kind;
	uint64_t size; /* bytes of head and body so far */
	/* all of the head was read; a request that is refused may still be sending it */
	bool whole;
	bool wants_close, wants_keepalive, expects_100;
};

struct value {
	struct str text;
	enum { VALUE_UNKNOWN, VALUE_ASKED, VALUE_ABSENT, VALUE_FOUND, VALUE_SET } state;
};

struct request {
	struct client *client;
	struct pool *pool;
	struct http *http;
	struct server *server;
	struct location *location; /* NULL: none yet; the server's sections apply */
	/* its sections: of http, server and location; see request_section */
	void **sections[LEVELS];
	const struct core_location *core; /* one of them, used most */

	struct request_input in;
	struct str uri;     /* decoded, normal; changes with redirects */
	struct str args;    /* likewise */
	enum method method; /* error_page may turn it into GET */

	struct response out;
	struct chain *pending; /* passed the filters, but not yet sent */
	/* of the main request: memory for bytes on their way, see request_flow; NULL: none */
	struct pool *flow;
	int64_t sent;         /* bytes, head and body */
	int64_t packet_began; /* tcp_nopush: how many bytes were sent at the start of a packet */
	int64_t head_size;
	bool ended;       /* the whole response has passed the filters */
	bool held;        /* a filter holds bytes until the socket has taken `pending` */
	bool until_close; /* only the end of the connection says where the answer ends */
	bool failed;      /* the connection is lost, or the response cannot be completed */

	/* the current phase */
	enum phase phase;
	uint32_t handler;  /* the next handler within the phase */
	int refusal;       /* the status for PHASE_REFUSE */
	int access_denied; /* satisfy any: the status if no handler passes */
	uint8_t redirects;
	bool internal; /* its URI does not come from the client */
	/* the status of the error page that is being made; 0: its handler decides */
	int error_status;
	/* by `rewrite ... break`: the location's prefix is not part of the URI */
	bool uri_replaced;
	bool keepalive; /* the connection is to stay */
	bool pipelined; /* its first bytes came before the previous answer was complete */

	/* a main request and a subrequest end in different ways */
	void (*finish)(struct request *r);

	/* called when the socket is ready; NULL: not waiting */
	void (*on_readable)(struct request *r);
	void (*on_writable)(struct request *r);
	void (*on_timeout)(struct request *r); /* the connection's timer */
	void (*on_room)(struct request *r);    /* request_pump */

	struct body *body;    /* http/answer/body.h; NULL until a handler reads it */
	struct fetch *fetch;  /* http/work/fetch.h; NULL until it is used */
	void **contexts;      /* by index of the module; NULL until a context is set */
	struct value *values; /* by index of the variable; NULL until a value is set */
	struct str captures[CAPTURES_MAX];
	uint32_t capture_count;
	int64_t began;      /* monotonic ms of the first byte */
	int64_t limit_rate; /* bytes a second; CONF_UNSET: the location's */

	/* http/answer/subrequest.h */
	struct request *main;
	struct subrequest *sub;      /* NULL: it is the main request */
	struct page *page;           /* of the main request; NULL: it has had no subrequests */
	struct postponed *postponed; /* output that waits for its place */
	bool finishing; /* of the main request: it is done, its subrequests may not be */
};

struct request *request_create(struct client *c, void (*finish)(struct request *r));

/*
 * Call it when the response is complete. It sends what is pending as the socket takes it, then
 * informs the client's connection. Do not use r afterwards.
 */
static inline void request_finish(struct request *r)
{
	r->finish(r);
}

/* True: an answer has begun, and not all of its bytes are in the socket. */
static inline bool request_is_cut_short(const struct request *r)
{
	return r->out.head_sent && (r->failed || !r->ended || r->pending != NULL);
}

/* The connection is lost: nothing more is sent or read. Do not use r afterwards. */
void request_abort(struct request *r);

/* Frees everything that the request owns. */
void request_destroy(struct request *r);

/*
 * The memory of the last filters for bytes on their way to the socket: links, bufs, the sizes
 * of chunks. A long answer that comes in pieces opens a flow: whenever the socket has taken
 * everything, this memory is used again, so it does not grow with the answer. `r`: the main
 * request.
 */
static inline struct pool *request_flow(const struct request *r)
{
	return r->flow != NULL ? r->flow : r->pool;
}

int request_open_flow(struct request *r); /* -1: no memory */

/* Everything so far is sent: no pointer into the flow is left. */
void request_empty_flow(struct request *r);

/* For phase handlers: `return request_refuse(r, 403);` */
static inline enum phase_result request_refuse(struct request *r, int status)
{
	r->refusal = status;
	return PHASE_REFUSE;
}

/* Sends the request to another URI, from the server rewrite phase on, or to a named location.
 * At most REDIRECTS_MAX times. */
enum phase_result request_redirect(struct request *r, struct str uri, struct str args);
enum phase_result request_redirect_named(struct request *r, struct str name);
/* The URI was rewritten: the location is searched again. The contexts of the modules are
 * kept. */
enum phase_result request_relocate(struct request *r);

/* From now on the request uses the sections of this server, or of this location. */
void request_set_server(struct request *r, struct server *s);
void request_enter(struct request *r, struct location *l);

/*
 * HEAD: the answer has a head but no body. It depends on the request line only, so that an
 * error page obeys it, too.
 */
static inline bool request_is_head_only(const struct request *r)
{
	return r->out.no_body || r->in.line.method == METHOD_HEAD;
}

/* The section of a module for this request. */
static inline void *request_section(const struct request *r, enum level level,
				    const struct module *m)
{
	return r->sections[level][m->index];
}

/* True: it matches, and the request has the captures of this pattern. False: the request keeps
 * the captures it had. */
bool request_match(struct request *r, const struct pattern *p, struct str subject);

/* A module's data about this request; NULL until the module sets it, and after a redirect, unless
 * the module keeps_context. */
void *request_context(const struct request *r, const struct module *m);
int request_set_context(struct request *r, const struct module *m, void *context);

/* The first header with this id, or NULL. */
static inline const struct str *request_header(const struct request *r, enum header_id id)
{
	uint16_t at = r->in.known[id];

	return at != 0 ? &header_at(&r->in.headers, at - 1)->value : NULL;
}

/* error log lines that name the request */
void request_log(const struct request *r, enum log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void request_log_errno(const struct request *r, enum log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
