#include "modules/upstream/choose.h"

static bool was_tried(const struct choice *c, uint32_t i)
{
	return (c->tried[i / 64] >> (i % 64) & 1) != 0;
}

/* A group of one server has no other: its failures are not held against it. */
static bool has_failed(const struct choice *c, uint32_t i)
{
	const struct server *server = &c->servers[i];
	const struct server_state *s = &c->states[i];

	return c->count > 1 && server->max_fails > 0 && s->fails >= server->max_fails &&
	       c->now - s->checked <= server->fail_timeout;
}

enum fitness choose_fitness(const struct choice *c, uint32_t i)
{
	const struct server *server = &c->servers[i];

	if (server->down || was_tried(c, i) || has_failed(c, i))
		return UNFIT;
	if (server->max_conns > 0 && c->states[i].conns >= server->max_conns)
		return FULL;
	return c->pool_max > 0 && server->busy >= c->pool_max ? FULL : FIT;
}

/* One that has failed is tried once in each fail_timeout, until it succeeds. */
static int take(const struct choice *c, int i)
{
	if (i != NO_SERVER && c->now - c->states[i].checked > c->servers[i].fail_timeout)
		c->states[i].checked = c->now;
	return i;
}

/*
 * Smooth weighted round robin. Each server gains its weight in every round, and the chosen one
 * pays the sum. Weights 5, 1, 1 give a a b a c a a: nobody is chosen five times in a row and then
 * left alone.
 *
 * A failure makes the effective weight smaller, and each round gives one back: so a server
 * that has failed returns slowly.
 */
int choose_round_robin(const struct choice *c)
{
	int best = NO_SERVER;
	int64_t sum = 0;

	for (uint32_t i = c->from; i < c->to; i++) {
		struct server_state *s = &c->states[i];

		if (choose_fitness(c, i) != FIT)
			continue;
		s->current += s->effective;
		sum += s->effective;
		if (s->effective < c->servers[i].weight)
			s->effective++;
		if (best == NO_SERVER || s->current > c->states[best].current)
			best = (int)i;
	}
	if (best != NO_SERVER)
		c->states[best].current -= sum;
	return take(c, best);
}

void server_succeeded(struct server_state *s)
{
	if (s->accessed < s->checked)
		s->fails = 0;
}

void server_failed(const struct server *server, struct server_state *s, int64_t now)
{
	s->fails++;
	s->accessed = s->checked = now;
	if (server->max_fails > 0)
		s->effective -= server->weight / server->max_fails;
	if (s->effective < 0)
		s->effective = 0;
}
