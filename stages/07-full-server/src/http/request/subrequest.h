/*
 * subrequest: a request of the server to itself, whose answer becomes part of
 * another one's (SSI includes).
 *
 * Output leaves in the order of the page, not in the order in which it comes.
 * Of a request and its subrequests one is active: only what it writes goes on.
 * What the others write waits in their `postponed` lists, in page order:
 *
 *     main: "<h1>"  [include a]  "<hr>"  [include b]  "</html>"
 *            sent     active    waits     runs too     waits
 *
 * When the active one has given all, its parent is active again and goes on
 * with its list: the data up to the next subrequest, which is active then.
 */
#ifndef HTTP_SUBREQUEST_H
#define HTTP_SUBREQUEST_H

#include "http/request/request.h"

/* A subrequest, or data that comes at this place. */
struct postponed {
	struct request *request;
	struct chain *data;
	struct postponed *next;
};

/*
 * It starts when the caller has returned to client_run, and stands in the
 * output where the parent is now. on_done (may be NULL) is called when it has
 * given all it has. NULL: no memory, more than SUBREQUESTS_MAX inside each
 * other, or more than SUBREQUESTS_ALL in one page.
 */
struct request *subrequest_create(struct request *parent, struct str uri, struct str args,
				  void (*on_done)(struct request *r, void *data), void *data);

/*
 * Its body does not become part of the answer; sub->kept has it when it is done.
 * More than subrequest_output_buffer_size is an error in the log, and nothing.
 */
static inline void subrequest_keep(struct request *sub)
{
	sub->body_fate = BODY_KEPT;
}

/* For request_finish. */
void subrequest_finish(struct request *r);
bool subrequests_are_done(struct request *main); /* if not, request_finish comes again */

/* For client.c: starts the next one that waits for it; false: there is none. */
bool subrequest_run_next(struct request *main);

/* Stands before the filters that see the page as a whole (gzip, chunked, write). */
extern const struct filter postpone_filter;

#endif
