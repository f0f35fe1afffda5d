#include "modules/upstream/group.h"

#include "base/clock.h"
#include "conf/value.h"

enum { ADDRESSES_MAX = 32, FAIL_TIMEOUT = 10000 };

struct upstream_stats upstream_stats;

static const char no_memory[] = "no memory";

/* Makes one server for each address that belongs to the name of the line. */
static const char *add_servers(struct upstream *u, struct pool_list *all,
			       const struct backend *line)
{
	struct address found[ADDRESSES_MAX];
	size_t count;
	const char *problem = address_find(found, ADDRESSES_MAX, &count, line->name, u->port);

	for (size_t i = 0; problem == NULL && i < count; i++) {
		struct backend *s = pool_list_add(u->pool, all, sizeof(*s));
		char text[ADDRESS_TEXT];

		if (s == NULL)
			return no_memory;
		*s = *line;
		s->address = found[i];
		s->name =
		    pool_str(u->pool, (struct str){text, address_print_port(&found[i].any, text)});
		if (s->name.data == NULL)
			return no_memory;
	}
	return problem;
}

static const char *add_lines(struct upstream *u, struct pool_list *all, bool backup)
{
	const struct backend *lines = u->lines.items;
	const char *problem = NULL;

	for (size_t i = 0; i < u->lines.count && problem == NULL; i++)
		if (lines[i].backup == backup)
			problem = add_servers(u, all, &lines[i]);
	return problem;
}

static const char *add_all(struct upstream *u)
{
	const struct backend only = {
	    .name = u->name, .weight = 1, .max_fails = 1, .fail_timeout = FAIL_TIMEOUT};
	struct pool_list all = {NULL, 0, 0};
	const char *problem =
	    u->lines.count == 0 ? add_servers(u, &all, &only) : add_lines(u, &all, false);

	u->primaries = (uint32_t)all.count;
	if (problem == NULL)
		problem = add_lines(u, &all, true);
	u->count = (uint32_t)all.count;
	u->servers = all.items;
	if (problem == NULL && u->primaries == 0)
		problem = "no server is there that is not a backup";
	return problem;
}

static const char *make_ring(struct upstream *u)
{
	size_t points = 0;

	for (uint32_t i = 0; i < u->primaries; i++)
		points += (size_t)u->servers[i].weight * RING_POINTS;
	u->ring.points = pool_array(u->pool, points, sizeof(*u->ring.points));
	if (u->ring.points == NULL)
		return no_memory;
	for (uint32_t i = 0; i < u->primaries; i++)
		ring_add(&u->ring, i, u->servers[i].name, u->servers[i].weight);
	ring_sort(&u->ring);
	return NULL;
}

struct choice choice_for_all(struct upstream *u)
{
	return (struct choice){
	    .method = (enum balancing)u->method,
	    .servers = u->servers,
	    .states = u->states,
	    .count = u->count,
	    .primaries = u->primaries,
	    .pool_max = (uint32_t)u->pool_max,
	    .ring = &u->ring,
	    .dice = &u->dice,
	    .now = now.ms,
	};
}

const char *group_init(struct upstream *u)
{
	const char *problem = add_all(u);

	if (problem != NULL)
		return problem;
	u->states = pool_array(u->pool, u->count, sizeof(*u->states));
	if (u->states == NULL)
		return no_memory;
	for (uint32_t i = 0; i < u->count; i++) {
		u->states[i].effective = u->servers[i].weight;
		list_init(&u->servers[i].idle);
	}
	list_init(&u->idle);
	list_init(&u->queue);
	u->dice = 1;
	return u->method == BALANCE_HASH_CONSISTENT ? make_ring(u) : NULL;
}
