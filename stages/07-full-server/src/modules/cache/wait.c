/*
 * proxy_cache_lock: a request waits while another request fetches the answer for the same key.
 *
 * The other request may be in another worker, so no event of this process shows its end.
 * Therefore the waiting request looks at the index at short intervals. It stops waiting when
 * the answer is stored, when the answer cannot be stored, or when the other request has ended.
 * It also stops after proxy_cache_lock_timeout; then the upstream is asked, but the answer is
 * not stored.
 */
#include "base/clock.h"
#include "http/answer/phases.h"
#include "http/wire/client.h"
#include "modules/cache/visit.h"

enum { LOOK_AGAIN = 20 }; /* ms */

static void drop_if_left(struct request *main)
{
	if (!main->client->conn->peer_done)
		return;
	request_log(main, LOG_INFO, "client left while its answer was being fetched for another");
	request_abort(main);
}

static void settle(struct visit *v, enum phase_result result)
{
	struct request *r = v->r;

	switch (result) {
	case PHASE_WAIT:
		return;
	case PHASE_NEXT:
		proxy_go_on(r);
		return;
	case PHASE_REFUSE:
		phase_refuse(r, r->refusal);
		return;
	default:
		request_finish(r);
	}
}

static enum phase_result ask_server(struct visit *v)
{
	v->status = v->found ? CACHE_EXPIRED : CACHE_MISS;
	v->validates = v->found && v->s->revalidate;
	return PHASE_NEXT;
}

static enum phase_result look_again(struct visit *v)
{
	bool known = index_look(visit_zone(v), &v->name, &v->look);

	if (known && v->look.is_filled && now.ms < v->wait_until)
		return visit_wait(v);
	if (now.ms >= v->wait_until)
		v->stores = false;
	if (now.ms >= v->wait_until || (known && v->look.passes))
		return ask_server(v);
	visit_look_up(v);
	return visit_decide(v);
}

static void resume(struct request *main, void *data)
{
	struct visit *v = data;

	if (v->r == main)
		main->on_readable = NULL;
	settle(v, look_again(v));
}

static void on_due(struct timer *t)
{
	struct visit *v = CONTAINER_OF(t, struct visit, timer);

	client_resume(v->r->client, resume, v);
}

enum phase_result visit_wait(struct visit *v)
{
	if (v->wait_until == 0) {
		v->wait_until = now.ms + v->s->lock_timeout;
		timer_init(&v->timer, on_due);
	}
	if (v->r == v->r->main)
		v->r->on_readable = drop_if_left;
	timer_start(&v->timer, LOOK_AGAIN);
	return PHASE_WAIT;
}
