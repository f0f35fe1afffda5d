/*
 * subrequest: a request of the server to itself, whose answer becomes part of
 * another one's (SSI includes).
 *
 * Output leaves in the order of the page, not in the order in which it comes:
 * of a request and its subrequests only one is "active" and may write on; what
 * the others produce waits in `postponed`, a list of chains and requests in
 * page order. When the active one ends, its parent goes on with its list.
 */
#ifndef HTTP_SUBREQUEST_H
#define HTTP_SUBREQUEST_H

#include "http/request.h"

/* Either a subrequest or data that comes behind it. */
struct postponed {
	struct request *request;
	struct chain *data;
	struct postponed *next;
};

/*
 * Starts after the caller has returned to the loop. on_done (may be NULL) is
 * called when it has produced everything. NULL: no memory, or too many.
 */
struct request *subrequest_create(struct request *parent, struct str uri, struct str args,
				  void (*on_done)(struct request *r, void *data), void *data);

/* For request_finish: it has no more to give. */
void subrequest_finish(struct request *r);

/* Stands before the filters that see the page as a whole (gzip, chunked, write). */
extern const struct filter postpone_filter;

#endif
