#include "http/request/filter.h"

#include <assert.h>

#include "http/request/request.h"

static const struct filter *const *all_filters;

void filters_set(const struct filter *const *filters)
{
	all_filters = filters;
}

const struct filter **filters_choose(struct conf *cf)
{
	const struct filter **chosen, **to;
	size_t count = 0;

	while (all_filters[count] != NULL)
		count++;
	chosen = to = pool_array(cf->pool, count + 1, sizeof(*chosen));
	if (chosen == NULL)
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (all_filters[i]->module == NULL || cf->asked[all_filters[i]->module->index])
			*to++ = all_filters[i];
	return chosen;
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
	return call_head(r->http->filters, r);
}

enum send_result filter_body(struct request *r, struct chain *in)
{
	return call_body(r->http->filters, r, in);
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
