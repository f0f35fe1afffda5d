/*
 * ask: how a request gets its connection.
 *
 *                            a server is FIT
 *      ask, next  ----------------------------------> an idle connection, or a new one
 *          |                                               ^
 *          | all servers that are not UNFIT are FULL       |  a connection is given back or closed
 *          `---------------------------> the queue --------'
 *          |                                |  the request has waited too long,
 *          | all servers are UNFIT          v  or all servers are UNFIT now
 *          `---------------------------> an error
 *
 * A new request goes to the end of the queue. The queue is served between two turns of the
 * event loop, when this process works on no request. It is served only if the state of the
 * upstream has changed. A timer (PATROL) also serves the queue, because changes may come
 * without an event of this process: another worker gives a connection back, or a failed server
 * may be asked again.
 */
#include "modules/upstream/ask.h"

#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "event/loop.h"
#include "http/request/value.h"
#include "http/wire/client.h"
#include "modules/upstream/count.h"
#include "modules/upstream/link.h"

enum { TRIED_BITS = 64, PATROL = 100 /* ms */ };

static struct list news; /* the upstreams whose queues must be served */

/* ---- the server */

static struct choice choice_of(struct upstream_use *use)
{
	struct choice c = choice_for_all(use->upstream);

	c.tried = use->tried;
	c.key = use->key;
	return c;
}

static void begin_with(struct upstream_use *use, uint32_t server)
{
	use->server = server;
	use->name = use->upstream->servers[server].name;
	use->tried[server / TRIED_BITS] |= (uint64_t)1 << server % TRIED_BITS;
	use->counted = true;
	use->began = now.ms;
	use->error = 0;
	count_in(use->upstream, server);
}

/* FIT: a server was chosen, and the request is counted there. */
static enum fitness find_server(struct upstream_use *use)
{
	enum fitness fitness = FIT;
	struct choice c;
	int i;

	count_lock(use->upstream);
	c = choice_of(use);
	i = choose(&c);
	if (i != NO_SERVER)
		begin_with(use, (uint32_t)i);
	else
		fitness = choose_best_fitness(&c);
	count_unlock(use->upstream);
	return fitness;
}

bool upstream_has_next(struct upstream_use *use)
{
	enum fitness fitness;
	struct choice c;

	count_lock(use->upstream);
	c = choice_of(use);
	fitness = choose_best_fitness(&c);
	count_unlock(use->upstream);
	return fitness != UNFIT;
}

static void tell_queue(struct upstream *u)
{
	if (u->queue_count > 0 && !list_has(&u->news))
		list_add_last(&news, &u->news);
}

/* What the balancing learns about the server when a request leaves it. */
enum outcome { GOOD, BAD, UNKNOWN };

static void done_with_server(struct upstream_use *use, enum outcome outcome)
{
	struct upstream *u = use->upstream;

	if (!use->counted)
		return;
	use->counted = false;
	count_lock(u);
	count_out(u, use->server);
	if (outcome == GOOD)
		backend_succeeded(&u->states[use->server]);
	if (outcome == BAD)
		backend_failed(&u->servers[use->server], &u->states[use->server], now.ms);
	count_unlock(u);
	upstream_stats.failed += outcome == BAD;
	tell_queue(u);
}

/* ---- the connection */

static enum upstream_answer have(struct upstream_use *use, struct link *l)
{
	l->use = use;
	l->requests++;
	use->link = l;
	use->conn = l->conn;
	use->reused = l->requests > 1;
	use->connect_time = now.ms - use->began;
	upstream_stats.reused += use->reused;
	return UPSTREAM_CONNECTED;
}

static enum upstream_answer have_none(struct upstream_use *use, enum upstream_answer answer,
				      int error)
{
	use->link = NULL;
	use->error = error;
	use->connect_time = now.ms - use->began;
	done_with_server(use, answer == UPSTREAM_NO_RESOURCES ? UNKNOWN : BAD);
	return answer;
}

static enum upstream_answer connect_to_server(struct upstream_use *use)
{
	struct backend *s = &use->upstream->servers[use->server];
	struct link *l;

	links_make_room(use->upstream, s);
	l = link_open(use, s);
	if (l == NULL)
		return have_none(use, link_answer(errno), errno);
	upstream_stats.opened++;
	use->link = l;
	return l->conn->connecting ? UPSTREAM_WAIT : have(use, l);
}

static enum upstream_answer go_to_server(struct upstream_use *use)
{
	struct link *l = link_idle(use, &use->upstream->servers[use->server]);

	return l != NULL ? have(use, l) : connect_to_server(use);
}

void link_connected(struct link *l)
{
	l->use->on_answer(l->use, have(l->use, l));
}

void link_failed(struct link *l, enum upstream_answer answer, int error)
{
	struct upstream_use *use = l->use;

	link_close(l);
	use->on_answer(use, have_none(use, answer, error));
}

static void let_go(struct upstream_use *use, void (*how)(struct link *l))
{
	struct link *l = use->link;

	use->link = NULL;
	use->conn = NULL;
	if (l != NULL)
		how(l);
}

/* ---- the queue */

static void leave_queue(struct upstream_use *use)
{
	list_remove(&use->waits);
	timer_remove(&use->timer);
	use->upstream->queue_count--;
	upstream_stats.waiting--;
}

static void on_queue_timeout(struct timer *t)
{
	struct upstream_use *use = CONTAINER_OF(t, struct upstream_use, timer);

	leave_queue(use);
	upstream_stats.timed_out++;
	use->on_answer(use, UPSTREAM_QUEUE_TIMEOUT);
}

static enum upstream_answer enter_queue(struct upstream_use *use)
{
	struct upstream *u = use->upstream;

	if (u->queue_count >= u->queue_most) {
		upstream_stats.overflowed++;
		return UPSTREAM_QUEUE_FULL;
	}
	use->name = u->name;
	list_add_last(&u->queue, &use->waits);
	timer_init(&use->timer, on_queue_timeout);
	timer_start(&use->timer, u->queue_timeout);
	if (u->queue_count++ == 0)
		timer_start(&u->patrol, PATROL);
	upstream_stats.waiting++;
	upstream_stats.queued++;
	return UPSTREAM_WAIT;
}

static void on_patrol(struct timer *t)
{
	struct upstream *u = CONTAINER_OF(t, struct upstream, patrol);

	tell_queue(u);
	if (u->queue_count > 0)
		timer_start(t, PATROL);
}

/* Returns false when the request must wait longer. */
static bool serve(struct upstream_use *use)
{
	enum fitness fitness = find_server(use);
	enum upstream_answer answer = UPSTREAM_NONE_LIVE;

	if (fitness == FULL)
		return false;
	leave_queue(use);
	if (fitness == FIT)
		answer = go_to_server(use);
	if (answer != UPSTREAM_WAIT)
		use->on_answer(use, answer);
	return true;
}

/* Serves the first request that can be served, and returns true. It is not always the first
 * request of the queue: a request that has tried some servers may have to wait for the
 * others. */
static bool serve_one(struct upstream *u)
{
	LIST_EACH(at, &u->queue)
		if (serve(CONTAINER_OF(at, struct upstream_use, waits)))
			return true;
	return false;
}

/* While one request is served, other requests may leave the queue or enter it. So each round
 * starts again at the first request. The number of rounds is limited, so that new requests
 * cannot keep the other connections waiting. */
static void serve_queue(struct upstream *u)
{
	for (uint32_t most = u->queue_count; most > 0 && serve_one(u); most--)
		;
}

static int before_wait(int wait)
{
	struct list now_looked_at;
	struct list *at;

	list_init(&now_looked_at);
	list_move_all(&now_looked_at, &news);
	while ((at = list_take_first(&now_looked_at)) != NULL)
		serve_queue(CONTAINER_OF(at, struct upstream, news));
	return list_is_empty(&news) && !conn_has_posted() ? wait : 0;
}

void ask_init(void)
{
	static struct loop_hook hook = {.before_wait = before_wait};

	list_init(&news);
	hook.all = (struct list){NULL, NULL};
	loop_add_hook(&hook);
}

void ask_start(struct upstream *u)
{
	timer_init(&u->patrol, on_patrol);
	u->patrol.holds_exit = false;
	u->dice = (uint32_t)getpid() * 2654435761u | 1;
}

void ask_leave(struct upstream *u)
{
	u->keepalive = 0;
	links_close_idle(u);
}

void ask_stop(struct upstream *u)
{
	links_close_idle(u);
	timer_remove(&u->patrol);
}

/* ---- the functions for requests */

/* ip_hash uses only the first three bytes of an IPv4 address. So 256 neighbouring addresses
 * have the same server. */
static struct str address_key(const struct request *r)
{
	const union peer *p = &r->client->conn->peer;

	if (p->any.sa_family == AF_INET)
		return (struct str){(const char *)&p->in.sin_addr, 3};
	if (p->any.sa_family == AF_INET6)
		return (struct str){(const char *)&p->in6.sin6_addr, 16};
	return (struct str){"\0\0\0", 3};
}

static bool find_key(struct upstream_use *use)
{
	const struct upstream *u = use->upstream;

	use->key = STR_NONE;
	if (u->method == BALANCE_IP_HASH)
		use->key = address_key(use->request);
	return u->key == NULL || template_eval(use->request, u->key, &use->key) == 0;
}

static bool make_tried(struct upstream_use *use)
{
	uint32_t words = use->upstream->count / TRIED_BITS + 1;

	use->tried = &use->few_tried;
	use->few_tried = 0;
	if (words > 1)
		use->tried = pool_array(use->request->pool, words, sizeof(*use->tried));
	return use->tried != NULL;
}

enum upstream_answer upstream_ask(struct upstream_use *use)
{
	use->name = use->upstream->name;
	if (!make_tried(use) || !find_key(use))
		return UPSTREAM_NO_RESOURCES;
	return upstream_next(use);
}

enum upstream_answer upstream_next(struct upstream_use *use)
{
	/* requests that wait in the queue must be served before this request */
	enum fitness fitness = use->upstream->queue_count > 0 ? FULL : find_server(use);

	tell_queue(use->upstream);
	if (fitness == FIT)
		return go_to_server(use);
	return fitness == FULL ? enter_queue(use) : UPSTREAM_NONE_LIVE;
}

enum upstream_answer upstream_again(struct upstream_use *use)
{
	struct upstream *u = use->upstream;

	let_go(use, link_close);
	if (!use->counted) {
		count_lock(u);
		begin_with(use, use->server);
		count_unlock(u);
	}
	use->began = now.ms;
	return connect_to_server(use);
}

void upstream_give_back(struct upstream_use *use, bool keep)
{
	let_go(use, keep ? link_keep : link_close);
	done_with_server(use, GOOD);
}

void upstream_fail(struct upstream_use *use)
{
	let_go(use, link_close);
	done_with_server(use, BAD);
}

void upstream_leave(struct upstream_use *use)
{
	if (list_has(&use->waits))
		leave_queue(use);
	let_go(use, link_close);
	done_with_server(use, UNKNOWN);
}

int upstream_status(enum upstream_answer answer)
{
	switch (answer) {
	case UPSTREAM_QUEUE_FULL:
		return 503;
	case UPSTREAM_QUEUE_TIMEOUT:
	case UPSTREAM_TIMED_OUT:
		return 504;
	case UPSTREAM_NO_RESOURCES:
		return 500;
	default:
		return 502;
	}
}

const char *upstream_reason(enum upstream_answer answer)
{
	static const char *const reasons[] = {
	    [UPSTREAM_CONNECTED] = "connected",
	    [UPSTREAM_WAIT] = "not known yet",
	    [UPSTREAM_NONE_LIVE] = "no live upstreams",
	    [UPSTREAM_QUEUE_FULL] = "all connections are used, and the queue is full",
	    [UPSTREAM_QUEUE_TIMEOUT] = "all connections were used for too long",
	    [UPSTREAM_REFUSED] = "connection refused",
	    [UPSTREAM_UNREACHABLE] = "unreachable",
	    [UPSTREAM_RESET] = "connecting failed",
	    [UPSTREAM_TIMED_OUT] = "connecting timed out",
	    [UPSTREAM_NO_RESOURCES] = "no descriptor, no slot or no memory is left",
	};

	return reasons[answer];
}
