/*
 * filter: a response passes all filters in the order of the one array in
 * modules.c, first its head, then the parts of its body as they come.
 *
 * A filter does its work and calls filter_head_next or filter_body_next; one
 * that waits for more does not call on. It may replace bufs, but it keeps no
 * link of a chain it was given. A chain of NULL asks to push on what is held;
 * r->held sees to it that this happens when the socket has room again.
 */
#ifndef HTTP_FILTER_H
#define HTTP_FILTER_H

#include "io/buf.h"

struct request;
struct filter;

enum send_result {
	SEND_DONE,  /* everything so far is sent, or copied where it will be */
	SEND_AGAIN, /* some of it waits for the socket */
	SEND_ERROR, /* the connection is lost */
};

/* `self` is the filter's own place in the array, for calling the next one. */
struct filter {
	const char *name;
	enum send_result (*head)(const struct filter *const *self, struct request *r); /* NULL: not interested */
	enum send_result (*body)(const struct filter *const *self, struct request *r,
				 struct chain *in);
};

/* For modules.c: the array, ending with NULL; the last filter writes. */
void filters_set(const struct filter *const *filters);

/* For handlers. */
enum send_result filter_head(struct request *r);
enum send_result filter_body(struct request *r, struct chain *in);

/* For filters. */
enum send_result filter_head_next(const struct filter *const *self, struct request *r);
enum send_result filter_body_next(const struct filter *const *self, struct request *r,
				  struct chain *in);

#endif
