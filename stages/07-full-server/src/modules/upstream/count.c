#include "modules/upstream/count.h"

#include <assert.h>

#include "base/log.h"
#include "event/board.h"

struct share {
	struct list all;
	struct board_life worker;
	uint32_t conns[];
};

struct table { /* the beginning of the zone */
	struct list shares;
	uint32_t deaths; /* the number of ended workers when the zone was last used */
	struct backend_state states[];
};

enum { WORKERS = 16 };

static size_t table_size(uint32_t servers)
{
	return sizeof(struct table) + servers * sizeof(struct backend_state);
}

static size_t share_size(uint32_t servers)
{
	return sizeof(struct share) + servers * sizeof(uint32_t);
}

/* The slab makes each size larger, but by less than the factor 2. So twice the size is always
 * enough. */
size_t count_room(uint32_t servers)
{
	return SLAB_LEAST / 2 + 2 * (table_size(servers) + WORKERS * share_size(servers));
}

/* ---- the zone, locked */

static void set_up(struct upstream *u)
{
	struct slab *s = u->zone->slab;
	struct table *t = slab_alloc(s, table_size(u->count));

	assert(t != NULL); /* the zone is empty and large enough */
	list_init(&t->shares);
	t->deaths = board_deaths();
	for (uint32_t i = 0; i < u->count; i++)
		t->states[i].effective = u->servers[i].weight;
	s->root = t;
}

static void add_share(struct upstream *u, struct table *t)
{
	struct share *share = slab_alloc(u->zone->slab, share_size(u->count));

	u->joined = true;
	u->resets = u->zone->slab->resets;
	u->share = share;
	if (share == NULL) {
		log_write(log_main, LOG_ERROR, "zone \"%.*s\" has no room for what a worker counts",
			  STR_ARGS(u->zone->name));
		return;
	}
	share->worker = board_own_life();
	list_add_last(&t->shares, &share->all);
	u->zone->slab->records++;
	for (uint32_t i = 0; i < u->count; i++) {
		share->conns[i] = u->servers[i].busy;
		t->states[i].conns += share->conns[i];
	}
}

static void forget_the_dead(struct upstream *u, struct table *t, uint32_t deaths)
{
	t->deaths = deaths;
	LIST_EACH(at, &t->shares) {
		struct share *share = CONTAINER_OF(at, struct share, all);

		if (board_is_alive(share->worker))
			continue;
		for (uint32_t i = 0; i < u->count; i++)
			t->states[i].conns -= share->conns[i];
		list_remove(&share->all);
		slab_free(u->zone->slab, share);
		u->zone->slab->records--;
	}
}

void count_lock(struct upstream *u)
{
	struct table *t;
	struct slab *s;
	uint32_t deaths;

	if (u->zone == NULL)
		return;
	s = u->zone->slab;
	slab_lock(s);
	if (s->root == NULL)
		set_up(u);
	t = s->root;
	u->states = t->states;
	deaths = board_deaths();
	if (t->deaths != deaths)
		forget_the_dead(u, t, deaths);
	if (!u->joined || u->resets != s->resets)
		add_share(u, t);
}

void count_unlock(struct upstream *u)
{
	if (u->zone != NULL)
		slab_unlock(u->zone->slab);
}

/* A worker without a share counts only its own connections, and does not add them to the zone.
 * When a worker has ended, the other processes subtract its share from the zone. Without a
 * share they would not know what to subtract. */
static void add(struct upstream *u, uint32_t server, int change)
{
	u->servers[server].busy += (uint32_t)change;
	if (u->zone != NULL && u->share == NULL)
		return;
	u->states[server].conns += (uint32_t)change;
	if (u->share != NULL)
		u->share->conns[server] += (uint32_t)change;
}

void count_in(struct upstream *u, uint32_t server)
{
	upstream_stats.busy++;
	add(u, server, 1);
}

void count_out(struct upstream *u, uint32_t server)
{
	upstream_stats.busy--;
	add(u, server, -1);
}
