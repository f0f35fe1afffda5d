#include "http/request/filter.h"

#include <assert.h>

#include "http/request/request.h"

static const struct filter *const *first_filter;

void filters_set(const struct filter *const *filters)
{
	first_filter = filters;
}

static enum send_result call_head(const struct filter *const *at, struct request *r)
{
	while ((*at)->head == NULL)
		at++;
	return (*at)->head(at, r);
}

static enum send_result call_body(const struct filter *const *at, struct request *r,
				  struct chain *in)
{
	while ((*at)->body == NULL)
		at++;
	return (*at)->body(at, r, in);
}

enum send_result filter_head(struct request *r)
{
	assert(!r->out.head_sent);
	return call_head(first_filter, r);
}

enum send_result filter_body(struct request *r, struct chain *in)
{
	return call_body(first_filter, r, in);
}

enum send_result filter_head_next(const struct filter *const *self, struct request *r)
{
	return call_head(self + 1, r);
}

enum send_result filter_body_next(const struct filter *const *self, struct request *r,
				  struct chain *in)
{
	return call_body(self + 1, r, in);
}
