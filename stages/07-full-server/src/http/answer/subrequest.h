/*
 * subrequest: a request of the server to itself. Its answer becomes a part of another answer
 * (SSI includes).
 *
 * Output is sent in the order of the page, not in the order in which it is made. One request
 * of the tree is active, and only its output is sent. The output of the others waits in their
 * `postponed` lists, in page order:
 *
 *     main: "<h1>"  [include a]  "<hr>"  [include b]  "</html>"
 *            sent     active    waits     runs too     waits
 *
 * When the active request is done, its parent becomes active again. It sends its list up to
 * the next subrequest, which is active then.
 */
#ifndef HTTP_SUBREQUEST_H
#define HTTP_SUBREQUEST_H

#include "http/request/filter.h"

/* how many may be nested; how many a page may have */
enum { SUBREQUESTS_MAX = 50, SUBREQUESTS_ALL = 1000 };

struct subrequest {
	struct request *parent;
	uint8_t depth;
	struct request *next_waiting;
	void (*on_done)(struct request *r, void *data);
	void *data;
	enum { BODY_SHOWN, BODY_KEPT, BODY_DROPPED } body_fate;
	struct str kept; /* BODY_KEPT: its body so far */
};

/* What a main request knows about its subrequests. */
struct page {
	uint16_t count;         /* how many subrequests there were */
	struct request *active; /* the request whose output is sent; NULL: the main request */
	struct request *waiting;
	const struct filter *const
	    *filter; /* the place of postpone: filters after it see only the main request */
};

/* An element of the list: a subrequest, or data, in page order. */
struct postponed {
	struct request *request;
	struct chain *data;
	struct postponed *next;
};

/*
 * It starts when the caller has returned to client_run. Its place in the output is the present
 * position of the parent. on_done (may be NULL) is called when it is done. NULL: no memory,
 * more than SUBREQUESTS_MAX inside each other, or more than SUBREQUESTS_ALL in one page.
 */
struct request *subrequest_create(struct request *parent, struct str uri, struct str args,
				  void (*on_done)(struct request *r, void *data), void *data);

/*
 * Its body does not become part of the answer; when it is done, the body is in sub->sub->kept. A body
 * larger than subrequest_output_buffer_size is dropped, with an error in the log.
 */
static inline void subrequest_keep(struct request *sub)
{
	sub->sub->body_fate = BODY_KEPT;
}

/* For a request whose answer is not needed, only what it does. Its failure does not harm the
 * page. */
static inline void subrequest_drop(struct request *sub)
{
	sub->sub->body_fate = BODY_DROPPED;
}

/* The active request: the main request or one of its subrequests. */
struct request *subrequest_active(struct request *main);

/* At the end of a main request: have all subrequests ended? If not, request_finish is called
 * again. */
bool subrequests_are_done(struct request *main);

/* For serve.c: starts the subrequest that has waited longest. False: no subrequest waits. */
bool subrequest_run_next(struct request *main);

/* Its place is before the filters that need the whole page (gzip, chunked, write). */
extern const struct filter postpone_filter;

#endif
