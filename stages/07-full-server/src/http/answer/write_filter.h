/*
 * write_filter: the last of the filters.
 */
#ifndef HTTP_WRITE_FILTER_H
#define HTTP_WRITE_FILTER_H

#include "http/request/request.h"

extern const struct filter write_filter;

/* Writes type, length, date, tag and ranges: the lines that `response.prepared` can hold. */
char *put_entity_lines(char *to, struct request *r);

/* Writes "Content-Type: text/plain; charset=utf-8\r\n", or nothing if there is no type. */
char *put_type(char *to, struct request *r);

/* The charset of the response; if that is empty, of the location. Empty: no charset. */
struct str response_charset(struct request *r);

#endif
