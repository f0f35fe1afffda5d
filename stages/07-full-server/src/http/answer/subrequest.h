/*
 * subrequest: a request that the server makes to itself. The response of a subrequest becomes a
 * part of another response (SSI includes).
 *
 * Output is sent in the order of the page. The requests may produce their output in another
 * order. One request of the tree is active, and only the output of the active request is sent.
 * The output of the other requests waits in their `postponed` lists, in the order of the page:
 *
 *     main: "<h1>"  [include a]  "<hr>"  [include b]  "</html>"
 *            sent     active    waits     runs too     waits
 *
 * When the active request is done, its parent becomes active again. The parent sends its list
 * up to the next subrequest, and then this subrequest becomes active.
 */
#ifndef HTTP_SUBREQUEST_H
#define HTTP_SUBREQUEST_H

#include "http/request/filter.h"

/* SUBREQUESTS_MAX means how many subrequests may be nested. SUBREQUESTS_ALL means how many
 * subrequests a page may have. */
enum { SUBREQUESTS_MAX = 50, SUBREQUESTS_ALL = 1000 };

struct subrequest {
	struct request *parent;
	uint8_t depth;
	struct request *next_waiting;
	void (*on_done)(struct request *r, void *data);
	void *data;
	enum { BODY_SHOWN, BODY_KEPT, BODY_DROPPED } body_fate;
	struct str kept; /* with BODY_KEPT: the bytes of the body that have come */
};

/* The state of a main request that has subrequests. */
struct page {
	uint16_t count;         /* number of subrequests that were created */
	struct request *active; /* the request whose output is sent; NULL means the main request */
	struct request *waiting;
	/* points to the postpone filter in the list of filters; the filters after it see only
	 * the main request */
	const struct filter *const *filter;
};

/* An element of a postponed list is a subrequest or data. The list has the order of the
 * page. */
struct postponed {
	struct request *request;
	struct chain *data;
	struct postponed *next;
};

/*
 * Creates a subrequest. It starts after the caller has returned to client_run. In the output,
 * the subrequest follows the bytes that the parent has already given to the filters. on_done,
 * which may be NULL, is called when the subrequest is done. Returns NULL if there is no memory,
 * if more than SUBREQUESTS_MAX are nested, if the page has more than SUBREQUESTS_ALL, or if the
 * output of the parent is not part of the page.
 */
struct request *subrequest_create(struct request *parent, struct str uri, struct str args,
				  void (*on_done)(struct request *r, void *data), void *data);

/*
 * The body of the subrequest does not become part of the response. When the subrequest is done,
 * its body is in sub->sub->kept. A body that is larger than subrequest_output_buffer_size is
 * dropped, and the error log says so.
 */
static inline void subrequest_keep(struct request *sub)
{
	sub->sub->body_fate = BODY_KEPT;
}

/* Call subrequest_drop if only the effect of the subrequest is needed, not its response. If
 * this subrequest fails, the page does not fail. */
static inline void subrequest_drop(struct request *sub)
{
	sub->sub->body_fate = BODY_DROPPED;
}

/* Returns the active request: the main request or one of its subrequests. */
struct request *subrequest_active(struct request *main);

/* Call subrequests_are_done when a main request is finished. If it returns false,
 * request_finish is called again when the last subrequest is done. */
bool subrequests_are_done(struct request *main);

/* serve.c calls subrequest_run_next. It starts the subrequest that has waited longest. Returns
 * false if no subrequest waits. */
bool subrequest_run_next(struct request *main);

/* This filter must be placed before the filters that need the whole page (gzip, chunked,
 * write). */
extern const struct filter postpone_filter;

#endif
