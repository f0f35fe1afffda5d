#include "base/clock.h"
#include "http/answer/subrequest.h"
#include "modules/cache/visit.h"

/* The stored lines, and the age of the answer (RFC 9111, 5.1). */
static int make_lines(const struct visit *v, struct header_list *lines)
{
	const struct header_list *stored = &v->file.head.headers;
	struct pool *p = v->r->pool;
	struct str age =
	    pool_print(p, "%lld", (long long)freshness_age(&v->file.head.fresh, now.second));

	for (size_t i = 0; i < stored->lines.count; i++) {
		const struct header *from = header_at(stored, i);
		struct header *h = header_add(p, lines, from->name, from->value);

		if (h == NULL)
			return -1;
		h->id = from->id;
	}
	return age.data != NULL && header_add(p, lines, STR("Age"), age) != NULL ? 0 : -1;
}

static struct buf *make_body(const struct visit *v)
{
	const struct stored *head = &v->file.head;

	if (head->body_size == 0)
		return buf_mark(v->r->pool);
	return open_file_buf(v->r, v->file.file, head->body_at, head->body_at + head->body_size);
}

static bool send_stored(struct visit *v)
{
	struct header_list lines = {.lines = {.count = 0}};
	struct request *r = v->r;
	struct buf *b = make_body(v);
	struct chain body = {b, NULL};

	if (b == NULL || make_lines(v, &lines) < 0 ||
	    proxy_answer(r, v->file.head.status, &lines, v->file.head.body_size) == SEND_ERROR)
		return false;
	b->last_buf = r == r->main;
	b->last_in_chain = true;
	return filter_body(r, &body) != SEND_ERROR;
}

enum phase_result visit_send(struct visit *v, enum cache_status status)
{
	v->status = status;
	if (!v->background && !send_stored(v))
		v->r->failed = true;
	return PHASE_DONE;
}

/* ---- refreshing beside it */

/* Starts a background request for the same URI, after the answer, so that the answer does not
 * wait for it. */
static void start_update(struct visit *v)
{
	struct request *r = v->r, *sub = subrequest_create(r, r->uri, r->args, NULL, NULL);

	if (sub == NULL)
		return;
	subrequest_drop(sub);
	visit_hand_over(v, sub);
}

enum phase_result visit_send_and_update(struct visit *v)
{
	enum phase_result result = visit_send(v, CACHE_STALE);

	if (!v->r->failed)
		start_update(v);
	return result;
}
