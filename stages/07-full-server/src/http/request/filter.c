#include "http/request/filter.h"

#include <assert.h>

static const struct filter *const *all_filters;

void filters_set(const struct filter *const *filters)
{
	all_filters = filters;
}

static const struct filter **choose(struct conf *cf)
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

static int setup(struct conf *cf)
{
	http_of(cf)->filters = choose(cf);
	return http_of(cf)->filters != NULL ? 0 : conf_no_memory(cf);
}

static const struct http_hooks hooks = {.setup = setup};

extern struct module filters_module;

struct module filters_module = {.name = "filters", .kind = MODULE_HTTP, .hooks = &hooks};

/* Remembers an error. After an error a piece of the response is missing. If the server sent
 * later bytes, the client would take them for the missing piece. So nothing more is sent. */
static enum send_result note(struct request *r, enum send_result result)
{
	r->main->failed |= result == SEND_ERROR;
	return result;
}

static enum send_result call_head(const struct filter *const *at, struct request *r)
{
	while ((*at)->head == NULL)
		at++;
	return note(r, (*at)->head(at, r));
}

static enum send_result call_body(const struct filter *const *at, struct request *r,
				  struct chain *in)
{
	if (r->main->failed)
		return SEND_ERROR;
	while ((*at)->body == NULL)
		at++;
	return note(r, (*at)->body(at, r, in));
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

enum phase_result request_send_text(struct request *r, int status, struct str type, struct str body)
{
	struct buf *b = buf_memory(r->pool, body);
	struct chain link = {b, NULL};

	r->out.status = status;
	r->out.content_type = type;
	r->out.length = (int64_t)body.len;
	response_touch(&r->out);
	if (status == 204 || status == 304)
		r->out.no_body = true;
	if (b == NULL || filter_head(r) == SEND_ERROR) {
		r->failed = true;
		return PHASE_DONE;
	}
	b->last_buf = r == r->main;
	b->last_in_chain = true;
	if (filter_body(r, &link) == SEND_ERROR)
		r->failed = true;
	return PHASE_DONE;
}
