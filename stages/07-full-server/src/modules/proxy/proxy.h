/*
 * proxy: what other modules may know about the proxy. A cache registers a table of functions,
 * the gate. The proxy knows nothing else about the cache.
 *
 *     ask -----> PHASE_NEXT: the proxy asks the upstream --> change --> head --> bytes ... end
 *        `-----> DONE, REFUSE: the gate has answered               `--> failed
 *        `-----> WAIT: the gate calls proxy_go_on later
 *
 * The proxy calls the functions of the gate for each request of a location with proxy_pass,
 * also for subrequests. The gate stores its data in the request, as the context of its own
 * module.
 */
#ifndef PROXY_H
#define PROXY_H

#include "http/request/filter.h"
#include "io/temp_file.h"

/* The changes that the gate makes to the request for the upstream. */
struct gate_request {
	struct str method;
	bool drop_conditions; /* leave out the client's If-*, Range and If-Range */
	struct header_list more;
};

enum gate_answer {
	GATE_PASS, /* the reply goes to the client */
	GATE_KEEP, /* the reply goes to the client, and the gate gets the bytes of the body */
	/* the gate has answered the request itself, so the body of the reply is dropped */
	GATE_TAKEN,
};

enum gate_failure { GATE_ERROR, GATE_TIMEOUT, GATE_INVALID_HEADER };

struct gate {
	/* called before the proxy chooses an upstream */
	enum phase_result (*ask)(struct request *r);
	void (*change)(struct request *r, struct gate_request *q);
	/* Called for the head of a final reply, when the proxy will ask no other upstream. The
	 * head is not yet in r->out. */
	enum gate_answer (*head)(struct request *r, int status, const struct header_list *headers,
				 int64_t length);
	/* After GATE_KEEP: `bytes` is called with decoded bytes of the body, before the filters
	 * get them. `end` is called at the end of the body. */
	void (*bytes)(struct request *r, struct str bytes);
	void (*end)(struct request *r, bool whole);
	/* Called when no upstream has answered. Returns true when the gate has answered the
	 * request. */
	bool (*failed)(struct request *r, int status, enum gate_failure why);
};

/* Call this function while the configuration is read. NULL means that there is no gate. */
void proxy_set_gate(const struct gate *gate);

/* If `ask` has returned WAIT, call this function inside client_resume. The proxy then asks the
 * upstream. */
void proxy_go_on(struct request *r);

/* Returns "http://HOST:PORT/URI", the URL of the request to the upstream. Call this function
 * only inside a function of the gate. Returns data NULL when there is no memory. */
struct str proxy_url(struct request *r);

/* Returns the proxy_temp_path of the location. */
const struct temp_folder *proxy_temp_folder(const struct request *r);

/* Returns true when proxy_ignore_headers contains the name of this header. */
bool proxy_ignores(const struct request *r, struct str header);

/* The response head that one location has made from a stored head. The next request to this
 * location uses it again. Keep this struct beside the stored head, with all members zero except
 * `pool`. The struct, the pool and the stored head must live equally long. */
struct gate_memory {
	struct pool *pool;
	const void *location, *core; /* NULL means that nothing is stored yet */
	struct response head;
};

struct gate_head {
	int status;
	int64_t length; /* the length of the body */
	const struct header_list *headers;
	struct header_list more;    /* lines that differ from request to request */
	struct gate_memory *memory; /* NULL means that the head will not be sent again */
};

/*
 * Sends a stored head to the client. All rules for a new head apply, from proxy_hide_header to
 * the filters. Then send the body with filter_body. SEND_ERROR has the same meaning as for
 * filter_head.
 */
enum send_result proxy_answer(struct request *r, const struct gate_head *h);

#endif
