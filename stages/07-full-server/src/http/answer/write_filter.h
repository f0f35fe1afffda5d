/*
 * write_filter: the last of the filters.
 */
#ifndef HTTP_WRITE_FILTER_H
#define HTTP_WRITE_FILTER_H

#include "http/request/request.h"

extern const struct filter write_filter;

/* Type, length, date, tag, ranges: what `response.prepared` can hold. */
char *put_entity_lines(char *to, struct request *r);

/* "Content-Type: text/plain; charset=utf-8\r\n"; nothing if there is no type. */
char *put_type(char *to, struct request *r);

/* The charset of the response, or else of the location; empty: none. */
struct str response_charset(struct request *r);

#endif
