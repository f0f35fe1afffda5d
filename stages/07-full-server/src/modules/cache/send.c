#include "base/clock.h"
#include "http/answer/subrequest.h"
#include "modules/cache/visit.h"

/* Adds the Age of the answer (RFC 9111, 5.1). */
static int add_age(const struct visit *v, struct header_list *lines)
{
	int64_t age = freshness_age(&v->file.head->fresh, now.second);
	char *text = pool_bytes(v->r->pool, NUMBER_MAX);
	struct str value;

	if (text == NULL)
		return -1;
	value = str_between(text, put_number(text, (uint64_t)age));
	return header_add(v->r->pool, lines, STR("Age"), value) != NULL ? 0 : -1;
}

/* Returns NULL when the file is not kept open, or when there is no memory. */
static struct gate_memory *memory_of(struct kept_head *kept)
{
	struct gate_memory *m;

	if (kept == NULL || kept->sent != NULL)
		return kept != NULL ? kept->sent : NULL;
	m = pool_zalloc(kept->pool, sizeof(*m));
	if (m != NULL)
		m->pool = kept->pool;
	return kept->sent = m;
}

static struct buf *make_body(const struct visit *v)
{
	const struct stored *head = v->file.head;

	if (head->body_size == 0)
		return buf_mark(v->r->pool);
	return open_file_buf(v->r, v->file.file, head->body_at, head->body_at + head->body_size);
}

static bool send_stored(struct visit *v)
{
	const struct stored *stored = v->file.head;
	struct gate_head head = {stored->status, stored->body_size, &stored->headers,
				 .memory = memory_of(v->file.kept)};
	struct request *r = v->r;
	struct buf *b = make_body(v);
	struct chain body = {b, NULL};

	if (b == NULL || add_age(v, &head.more) < 0 || proxy_answer(r, &head) == SEND_ERROR)
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

/* ---- refreshing a stale answer */

/* Starts a background request for the same URI. It starts after the answer, so the answer does
 * not wait for it. */
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
