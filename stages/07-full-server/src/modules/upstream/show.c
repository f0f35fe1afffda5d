/*
 * show: the numbers of the upstream servers for /status, as this process knows them.
 */
#include "base/clock.h"
#include "modules/upstream/block.h"
#include "modules/upstream/count.h"

static const char *state_of(const struct choice *c, uint32_t i)
{
	if (c->servers[i].down)
		return "down";
	switch (choose_fitness(c, i)) {
	case FIT:
		return c->servers[i].backup ? "backup" : "up";
	case FULL:
		return "full";
	default:
		return "failed";
	}
}

/* The lock is held only for one server at a time. So the numbers of two servers may belong to
 * different moments. */
static void look_at(struct upstream *u, uint32_t i, struct upstream_server *to)
{
	const struct backend *s = &u->servers[i];
	struct choice c;

	count_lock(u);
	c = choice_for_all(u);
	*to = (struct upstream_server){
	    .upstream = u->name,
	    .name = s->name,
	    .busy = s->busy,
	    .idle = s->idle_count,
	    .conns = u->states[i].conns,
	    .fails = u->states[i].fails,
	    .state = state_of(&c, i),
	};
	count_unlock(u);
}

bool upstream_server_at(uint32_t at, struct upstream_server *to)
{
	struct upstream *u;

	for (size_t i = 0; (u = upstream_serving(i)) != NULL; at -= u->count, i++) {
		if (at >= u->count)
			continue;
		look_at(u, at, to);
		return true;
	}
	return false;
}
