/*
 * request: one request and its response, from the first byte of the request to the line in the
 * log.
 *
 *   created --head is whole--> phases --content--> sending --all sent--> done
 *                                |                                        |
 *                                `-- waits: body, upstream, timer --------' (request_finish)
 *
 * A request owns its pool. Data that is made for the request lives in this pool. A request does
 * not own the connection. request_finish tells serve.c that the request is over, and only
 * serve.c decides if the connection is kept or closed.
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

/* The parsed request of the client. */
struct request_input {
	struct str raw_line; /* as received, even if the line is not valid; the log shows it */
	struct request_line line;
	struct header_list headers;
	/* For each id: 1 + the index in `headers` of the first line with this id, or 0 if
	 * there is no such line. */
	uint16_t known[HEADER_IDS];
	struct str host;        /* the host in lower case, without the port */
	int64_t content_length; /* LENGTH_UNKNOWN if there is no Content-Length */
	enum body_kind body_kind;
	uint64_t size; /* number of received bytes, head and body together */
	/* The whole head was read. If the request was refused earlier, the client may still
	 * be sending the head. */
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
	/* NULL means that no location is found yet, and that the sections of the server are
	 * used */
	struct location *location;
	/* the sections of http {}, of the server and of the location; see request_section */
	void **sections[LEVELS];
	const struct core_location *core; /* the section of the core; it is used most often */

	struct request_input in;
	struct str uri;     /* the path, decoded and normalised; an internal redirect changes it */
	struct str args;    /* the part behind the "?"; an internal redirect changes it, too */
	enum method method; /* error_page may change it to GET */

	struct response out;
	struct chain *pending; /* the bytes that have passed the filters and are not sent yet */
	/* Only the main request has a flow (see request_flow). NULL means that there is no
	 * flow. */
	struct pool *flow;
	int64_t sent; /* number of sent bytes, head and body together */
	/* tcp_nopush: the value of `sent` at the start of the current packet */
	int64_t packet_began;
	int64_t head_size;
	bool ended;       /* the whole response has passed the filters */
	bool held;        /* a filter holds bytes until the socket has taken `pending` */
	bool until_close; /* the end of the connection is the end of the response */
	bool failed;      /* the connection is lost, or the response cannot be completed */

	/* the current phase */
	enum phase phase;
	uint32_t handler;  /* the next handler within the phase */
	int refusal;       /* the status for PHASE_REFUSE */
	int access_denied; /* with `satisfy any`: the status to refuse with if no handler passes */
	uint8_t redirects;
	bool internal; /* the server has made the URI; it does not come from the client */
	/* The status of the error page that the server is making; 0 means that the handler
	 * decides the status. */
	int error_status;
	/* `rewrite ... break` has changed the URI, so the prefix of the location is not part
	 * of it */
	bool uri_replaced;
	bool keepalive; /* keep the connection open after the response */
	/* the first bytes of this request came before the previous response was complete */
	bool pipelined;

	/* how the request ends; main requests and subrequests end in different ways */
	void (*finish)(struct request *r);

	/* Called when the socket is ready. NULL means that the request does not wait for
	 * this. */
	void (*on_readable)(struct request *r);
	void (*on_writable)(struct request *r);
	void (*on_timeout)(struct request *r); /* called when the timer of the connection expires */
	void (*on_room)(struct request *r);    /* see request_pump */

	struct body *body; /* see http/answer/body.h; NULL until a handler reads the body */
	/* see http/work/fetch.h; NULL until the request calls fetch_bytes */
	struct fetch *fetch;
	void **contexts;      /* by module index; NULL until a context is set */
	struct value *values; /* by variable index; NULL until a value is computed or set */
	struct str captures[CAPTURES_MAX];
	uint32_t capture_count;
	int64_t began; /* when the first byte came, in ms of the monotonic clock */
	/* bytes per second; CONF_UNSET means that the location's limit_rate is used */
	int64_t limit_rate;

	/* for subrequests, see http/answer/subrequest.h */
	struct request *main;
	struct subrequest *sub; /* NULL in the main request */
	struct page *page;      /* only in the main request; NULL until there is a subrequest */
	/* output of this request that cannot be sent yet, because other output must be sent
	 * first */
	struct postponed *postponed;
	/* only in the main request: the handler is done, but subrequests may still run */
	bool finishing;
};

struct request *request_create(struct client *c, void (*finish)(struct request *r));

/*
 * Call request_finish when the handler has given the whole response to the filters. The
 * function sends the pending bytes as the socket takes them. Then the function tells the
 * connection that the request is finished. Do not use r afterwards.
 */
static inline void request_finish(struct request *r)
{
	r->finish(r);
}

/* Returns true if a response has begun, and the socket has not taken the whole response. */
static inline bool request_is_cut_short(const struct request *r)
{
	return r->out.head_sent && (r->failed || !r->ended || r->pending != NULL);
}

/* Call request_abort when the connection is lost: nothing more is sent or read. Do not use r
 * afterwards. */
void request_abort(struct request *r);

void request_destroy(struct request *r);

/*
 * Returns the pool for small objects of the output, such as links, bufs and chunk sizes. The
 * last filters allocate these objects, and use them until the socket has taken the bytes. A
 * long response that comes in pieces has a pool of its own for them: the flow. The flow is
 * emptied whenever the socket has taken all bytes, so its memory does not grow with the
 * response. `r` must be the main request.
 */
static inline struct pool *request_flow(const struct request *r)
{
	return r->flow != NULL ? r->flow : r->pool;
}

int request_open_flow(struct request *r); /* returns -1 if there is no memory */

/* Call request_empty_flow when the socket has taken all pending bytes. At that time no pointer
 * leads into the flow. */
void request_empty_flow(struct request *r);

/* A phase handler refuses a request with `return request_refuse(r, 403);` */
static inline enum phase_result request_refuse(struct request *r, int status)
{
	r->refusal = status;
	return PHASE_REFUSE;
}

/* An internal redirect: the request gets another URI. It goes on with the server rewrite phase,
 * or enters a named location. A request can be redirected at most REDIRECTS_MAX times. */
enum phase_result request_redirect(struct request *r, struct str uri, struct str args);
enum phase_result request_redirect_named(struct request *r, struct str name);
/* Call request_relocate when the URI was rewritten: the server searches the location again. The
 * modules keep their contexts, unlike after a redirect. */
enum phase_result request_relocate(struct request *r);

/* From now on the request uses the sections of this server or this location. */
void request_set_server(struct request *r, struct server *s);
void request_enter(struct request *r, struct location *l);

/* Returns true if the response has no body. The function finds HEAD in the request line,
 * because error_page may have changed `method`. */
static inline bool request_is_head_only(const struct request *r)
{
	return r->out.no_body || r->in.line.method == METHOD_HEAD;
}

/* Returns the section of a module for this request. */
static inline void *request_section(const struct request *r, enum level level,
				    const struct module *m)
{
	return r->sections[level][m->index];
}

/* If the pattern matches, the request gets the captures of this pattern, and the function
 * returns true. Otherwise the request keeps the captures that it had. */
bool request_match(struct request *r, const struct pattern *p, struct str subject);

/* Returns the data that a module has stored for this request, or NULL if there is none. An
 * internal redirect removes the data, unless the module sets keeps_context. */
void *request_context(const struct request *r, const struct module *m);
int request_set_context(struct request *r, const struct module *m, void *context);

/* Returns the value of the first header with this id, or NULL. */
static inline const struct str *request_header(const struct request *r, enum header_id id)
{
	uint16_t at = r->in.known[id];

	return at != 0 ? &header_at(&r->in.headers, at - 1)->value : NULL;
}

/* Write a line to the error log, with the client and the request. */
void request_log(const struct request *r, enum log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void request_log_errno(const struct request *r, enum log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
