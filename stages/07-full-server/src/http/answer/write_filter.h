/*
 * write_filter: the last filter, which writes the head and sends the body.
 */
#ifndef HTTP_WRITE_FILTER_H
#define HTTP_WRITE_FILTER_H

#include "http/request/request.h"

extern const struct filter write_filter;

/* Writes the header lines for type, length, date of the last change, tag and ranges. If you
 * store the text in `response.prepared`, these lines are not made again. */
char *put_entity_lines(char *to, struct request *r);

/* Writes "Content-Type: text/plain; charset=utf-8\r\n", or nothing if there is no type. */
char *put_type(char *to, struct request *r);

/* Returns the charset of the response, or the charset of the location if the response has
 * none. Empty means that no charset is sent. */
struct str response_charset(struct request *r);

#endif
