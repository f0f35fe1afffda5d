/*
 * proxy: what other modules may know about the proxy. The gate is a table of functions that a
 * cache registers; the proxy knows nothing else about the cache.
 *
 *     ask -----> PHASE_NEXT: the upstream is asked --> change --> head --> bytes ... end
 *        `-----> DONE, REFUSE: it has answered               `--> failed
 *        `-----> WAIT: later proxy_go_on
 *
 * They are called for each request of a location with proxy_pass, also for subrequests. The
 * gate keeps its data as its own context of the request.
 */
#ifndef PROXY_H
#define PROXY_H

#include "http/request/filter.h"
#include "io/temp_file.h"

/* The changes that the gate makes to the request for the upstream. */
struct gate_request {
	struct str method;
	bool drop_conditions; /* leaves out the client's If-*, Range and If-Range */
	struct header_list more;
};

enum gate_answer {
	GATE_PASS,  /* the reply goes to the client */
	GATE_KEEP,  /* it does, and the gate gets its bytes */
	GATE_TAKEN, /* the gate has answered itself: the reply's body is dropped */
};

enum gate_failure { GATE_ERROR, GATE_TIMEOUT, GATE_INVALID_HEADER };

struct gate {
	/* called before an upstream is chosen */
	enum phase_result (*ask)(struct request *r);
	void (*change)(struct request *r, struct gate_request *q);
	/* Called for a final head, when no other upstream will be asked, and before it becomes
	 * r->out. */
	enum gate_answer (*head)(struct request *r, int status, const struct header_list *headers,
				 int64_t length);
	/* GATE_KEEP: called with decoded bytes of the body before they go to the filters, and
	 * at the end. */
	void (*bytes)(struct request *r, struct str bytes);
	void (*end)(struct request *r, bool whole);
	/* No upstream has answered. True: the gate has an answer. */
	bool (*failed)(struct request *r, int status, enum gate_failure why);
};

/* Call it while the configuration is read. NULL: no gate. */
void proxy_set_gate(const struct gate *gate);

/* After WAIT, inside of client_resume: from here on the upstream is asked. */
void proxy_go_on(struct request *r);

/* "http://HOST:PORT/URI", the URL of the request to the upstream. Call it in the functions of
 * the gate. data NULL: no memory. */
struct str proxy_url(struct request *r);

/* proxy_temp_path of the location. */
const struct temp_folder *proxy_temp_folder(const struct request *r);

/* proxy_ignore_headers names that header. */
bool proxy_ignores(const struct request *r, struct str header);

/* What became of a stored head in one location, for the next request there. Keep it, zeroed but
 * for `pool`, beside the head; all three must live equally long. */
struct gate_memory {
	struct pool *pool;
	const void *location, *core; /* NULL: nothing is remembered yet */
	struct response head;
};

struct gate_head {
	int status;
	int64_t length; /* of the body */
	const struct header_list *headers;
	struct header_list more;    /* lines that are different each time */
	struct gate_memory *memory; /* NULL: the head will not be sent again */
};

/*
 * Sends a stored head: it does everything that is done with a new head, from proxy_hide_header
 * to the filters. Then send the body with filter_body. SEND_ERROR: as from filter_head.
 */
enum send_result proxy_answer(struct request *r, const struct gate_head *h);

#endif
