/*
 * How a request gets its connection: a server is chosen, a kept connection to it is taken, or a
 * new one is made.
 */
#include <errno.h>

#include "base/clock.h"
#include "http/request/request.h"
#include "modules/upstream/link.h"

enum { TRIED_BITS = 64 };

struct upstream_stats upstream_stats;

/* ---- the server */

static struct choice choice_of(const struct upstream_use *use)
{
	const struct upstream *u = use->upstream;

	return (struct choice){
	    .servers = u->servers,
	    .states = u->states,
	    .to = u->primaries,
	    .count = u->count,
	    .pool_max = (uint32_t)u->pool_max,
	    .tried = use->tried,
	    .now = now.ms,
	};
}

static int choose(const struct upstream_use *use)
{
	struct choice c = choice_of(use);
	int i = choose_round_robin(&c);

	if (i != NO_SERVER)
		return i;
	c.from = c.to;
	c.to = c.count;
	return choose_round_robin(&c);
}

bool upstream_has_next(struct upstream_use *use)
{
	struct choice c = choice_of(use);

	for (uint32_t i = 0; i < c.count; i++)
		if (choose_fitness(&c, i) != UNFIT)
			return true;
	return false;
}

static void count_in(struct upstream_use *use, uint32_t i)
{
	struct upstream *u = use->upstream;

	use->server = i;
	use->name = u->servers[i].name;
	use->tried[i / TRIED_BITS] |= (uint64_t)1 << i % TRIED_BITS;
	use->counted = true;
	u->servers[i].busy++;
	u->states[i].conns++;
	upstream_stats.busy++;
}

static void count_out(struct upstream_use *use)
{
	struct upstream *u = use->upstream;

	if (!use->counted)
		return;
	use->counted = false;
	u->servers[use->server].busy--;
	u->states[use->server].conns--;
	upstream_stats.busy--;
}

static void blame(const struct upstream_use *use)
{
	const struct upstream *u = use->upstream;

	server_failed(&u->servers[use->server], &u->states[use->server], now.ms);
}

/* ---- the connection */

static void have(struct upstream_use *use, struct link *l)
{
	l->use = use;
	l->requests++;
	use->link = l;
	use->conn = l->conn;
	use->reused = l->requests > 1;
	use->connect_time = now.ms - use->began;
	upstream_stats.reused += use->reused;
}

static enum upstream_answer failed(struct upstream_use *use, enum upstream_answer answer, int error)
{
	use->error = error;
	use->link = NULL;
	use->connect_time = now.ms - use->began;
	if (answer != UPSTREAM_NO_RESOURCES)
		blame(use);
	count_out(use);
	upstream_stats.failed++;
	return answer;
}

static enum upstream_answer connect_to(struct upstream_use *use)
{
	struct link *l = link_open(use, &use->upstream->servers[use->server]);

	if (l == NULL)
		return failed(use, link_answer(errno), errno);
	use->link = l;
	upstream_stats.opened++;
	if (l->conn->connecting)
		return UPSTREAM_WAIT;
	have(use, l);
	return UPSTREAM_CONNECTED;
}

void link_connected(struct link *l)
{
	have(l->use, l);
	l->use->on_answer(l->use, UPSTREAM_CONNECTED);
}

void link_failed(struct link *l, enum upstream_answer answer, int error)
{
	struct upstream_use *use = l->use;

	link_close(l);
	use->on_answer(use, failed(use, answer, error));
}

/* ---- what a request calls */

enum upstream_answer upstream_next(struct upstream_use *use)
{
	int i = choose(use);
	struct link *l;

	use->began = now.ms;
	use->error = 0;
	if (i == NO_SERVER)
		return UPSTREAM_NONE_LIVE;
	count_in(use, (uint32_t)i);
	l = link_idle(use, &use->upstream->servers[i]);
	if (l == NULL)
		return connect_to(use);
	have(use, l);
	return UPSTREAM_CONNECTED;
}

enum upstream_answer upstream_ask(struct upstream_use *use)
{
	uint32_t count = use->upstream->count;

	use->name = use->upstream->name;
	use->tried = &use->few_tried;
	if (count > TRIED_BITS)
		use->tried =
		    pool_array(use->request->pool, count / TRIED_BITS + 1, sizeof(*use->tried));
	if (use->tried == NULL)
		return UPSTREAM_NO_RESOURCES;
	return upstream_next(use);
}

static void let_go(struct upstream_use *use, void (*how)(struct link *l))
{
	struct link *l = use->link;

	use->link = NULL;
	use->conn = NULL;
	count_out(use);
	if (l != NULL)
		how(l);
}

enum upstream_answer upstream_again(struct upstream_use *use)
{
	uint32_t server = use->server;

	let_go(use, link_close);
	use->began = now.ms;
	count_in(use, server);
	return connect_to(use);
}

void upstream_give_back(struct upstream_use *use, bool keep)
{
	server_succeeded(&use->upstream->states[use->server]);
	let_go(use, keep ? link_keep : link_close);
}

void upstream_fail(struct upstream_use *use)
{
	blame(use);
	upstream_stats.failed++;
	let_go(use, link_close);
}

void upstream_leave(struct upstream_use *use)
{
	let_go(use, link_close);
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
	    [UPSTREAM_WAIT] = "waits",
	    [UPSTREAM_NONE_LIVE] = "no live upstreams",
	    [UPSTREAM_QUEUE_FULL] = "the queue is full",
	    [UPSTREAM_QUEUE_TIMEOUT] = "it has waited too long in the queue",
	    [UPSTREAM_REFUSED] = "connection refused",
	    [UPSTREAM_UNREACHABLE] = "unreachable",
	    [UPSTREAM_RESET] = "the connection failed",
	    [UPSTREAM_TIMED_OUT] = "connecting timed out",
	    [UPSTREAM_NO_RESOURCES] = "no descriptor, slot or memory is left",
	};

	return reasons[answer];
}
