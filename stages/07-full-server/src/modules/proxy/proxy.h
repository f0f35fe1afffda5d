/*
 * proxy: what other modules may know of the proxy: the gate, where a cache stands in the way of a
 * request to another server. The module of the cache registers its functions; the proxy knows
 * nothing else of it.
 *
 *     ask -----> PHASE_NEXT: the upstream is asked --> change --> head --> bytes ... end
 *        `-----> DONE, REFUSE: it has answered               `--> failed
 *        `-----> WAIT: later proxy_go_on
 *
 * They are called for each request of a location with proxy_pass, also for subrequests. The gate
 * keeps what it needs as a context of its own with the request.
 */
#ifndef PROXY_H
#define PROXY_H

#include "http/request/filter.h"

/* What the gate may change in the request for the upstream. */
struct gate_request {
	struct str method;
	bool drop_conditions; /* If-*, Range and If-Range of the client */
	struct header_list more;
};

enum gate_answer {
	GATE_PASS,  /* the reply goes to the client */
	GATE_KEEP,  /* it does, and the gate gets its bytes */
	GATE_TAKEN, /* the gate has answered itself: the reply's body is dropped */
};

enum gate_failure { GATE_ERROR, GATE_TIMEOUT, GATE_INVALID_HEADER };

struct gate {
	/* before an upstream is chosen */
	enum phase_result (*ask)(struct request *r);
	void (*change)(struct request *r, struct gate_request *q);
	/* A final head, and no other upstream will be asked; before r->out is made of it. */
	enum gate_answer (*head)(struct request *r, int status, const struct header_list *headers,
				 int64_t length);
	/* GATE_KEEP: decoded bytes of the body, before they go to the filters; then its end. */
	void (*bytes)(struct request *r, struct str bytes);
	void (*end)(struct request *r, bool whole);
	/* No upstream has answered. True: the gate has. */
	bool (*failed)(struct request *r, int status, enum gate_failure why);
};

/* While the configuration is read; NULL: nothing stands there. */
void proxy_set_gate(const struct gate *gate);

/* After WAIT, inside of client_resume: the upstream is asked now. */
void proxy_go_on(struct request *r);

/* "http://HOST:PORT/URI", as the upstream is asked; within the gate. data NULL: no memory. */
struct str proxy_url(struct request *r);

/* proxy_ignore_headers names that header. */
bool proxy_ignores(const struct request *r, struct str header);

/*
 * For a head that was stored: all that is done with a fresh one, from proxy_hide_header to the
 * filters. Then give the body with filter_body. SEND_ERROR: as of filter_head.
 */
enum send_result proxy_answer(struct request *r, int status, const struct header_list *headers,
			      int64_t length);

#endif
