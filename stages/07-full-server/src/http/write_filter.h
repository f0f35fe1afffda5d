/*
 * write_filter: the last of the filters.
 */
#ifndef HTTP_WRITE_FILTER_H
#define HTTP_WRITE_FILTER_H

#include "http/request.h"

extern const struct filter write_filter;

/* Type, length, date, tag, ranges: what `response.prepared` can hold. */
char *put_entity_lines(char *to, const struct response *out);

#endif
