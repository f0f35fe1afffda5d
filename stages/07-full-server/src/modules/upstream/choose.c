#include "modules/upstream/choose.h"

#include <stdlib.h>

#include "base/crc32.h"

/* The largest number of attempts of a method by number. If no attempt finds a fit server, round
 * robin chooses the server. */
enum { ATTEMPTS = 20 };

/* ---- may a server be chosen? */

static bool was_tried(const struct choice *c, uint32_t i)
{
	return c->tried != NULL && (c->tried[i / 64] >> (i % 64) & 1) != 0;
}

/* Returns true when the server has failed too often. A group with one server always asks this
 * server, because there is no other. */
static bool has_failed(const struct choice *c, uint32_t i)
{
	const struct backend *server = &c->servers[i];
	const struct backend_state *s = &c->states[i];

	return c->count > 1 && server->max_fails > 0 && s->fails >= server->max_fails &&
	       c->now - s->checked <= server->fail_timeout;
}

enum fitness choose_fitness(const struct choice *c, uint32_t i)
{
	const struct backend *server = &c->servers[i];

	if (server->down || was_tried(c, i) || has_failed(c, i))
		return UNFIT;
	if (server->max_conns > 0 && c->states[i].conns >= server->max_conns)
		return FULL;
	return c->pool_max > 0 && server->busy >= c->pool_max ? FULL : FIT;
}

enum fitness choose_best_fitness(const struct choice *c)
{
	enum fitness best = UNFIT;

	for (uint32_t i = 0; i < c->count && best != FIT; i++) {
		enum fitness f = choose_fitness(c, i);

		best = f < best ? f : best;
	}
	return best;
}

/* ---- round robin and least_conn */

/* Compares the connections of two servers, divided by their weights. Returns a negative number
 * when `a` has fewer. */
static int64_t compare_load(const struct choice *c, int a, int b)
{
	return (int64_t)c->states[a].conns * c->servers[b].weight -
	       (int64_t)c->states[b].conns * c->servers[a].weight;
}

static bool is_as_busy(const struct choice *c, uint32_t i, int as)
{
	return as == NO_SERVER || compare_load(c, (int)i, as) == 0;
}

/*
 * Smooth weighted round robin. In every round, `current` of each server grows by its weight,
 * and `current` of the chosen server is reduced by the sum of the weights. The weights 5, 1, 1
 * give the order a a b a c a a, so the turns of `a` are spread out.
 *
 * After a failure the effective weight is smaller. Each round adds 1 to it, so a server that
 * has failed gets its requests back slowly.
 *
 * `as`: choose only among the servers that are as busy as this server. NO_SERVER: choose among
 * all servers.
 */
static int in_turn(const struct choice *c, uint32_t from, uint32_t to, int as)
{
	int best = NO_SERVER;
	int64_t sum = 0;

	for (uint32_t i = from; i < to; i++) {
		struct backend_state *s = &c->states[i];

		if (choose_fitness(c, i) != FIT || !is_as_busy(c, i, as))
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
	return best;
}

static int least_busy(const struct choice *c, uint32_t from, uint32_t to)
{
	int best = NO_SERVER;

	for (uint32_t i = from; i < to; i++)
		if (choose_fitness(c, i) == FIT &&
		    (best == NO_SERVER || compare_load(c, (int)i, best) < 0))
			best = (int)i;
	return best != NO_SERVER ? in_turn(c, from, to, best) : NO_SERVER;
}

/* ---- by a number */

static uint32_t sum_of_weights(const struct choice *c)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < c->primaries; i++)
		sum += c->servers[i].weight;
	return sum;
}

/* A server that is down keeps its part of the keys. Otherwise the keys of all other servers
 * would move when the server returns. */
static int by_weight(const struct choice *c, uint32_t number)
{
	uint32_t i = 0;

	for (number %= sum_of_weights(c); number >= c->servers[i].weight; i++)
		number -= c->servers[i].weight;
	return (int)i;
}

static int by_address(const struct choice *c)
{
	uint32_t hash = 89;

	for (int k = 0; k < ATTEMPTS; k++) {
		int found;

		for (size_t i = 0; i < c->key.len; i++)
			hash = (hash * 113 + (unsigned char)c->key.data[i]) % 6271;
		found = by_weight(c, hash);
		if (choose_fitness(c, (uint32_t)found) == FIT)
			return found;
	}
	return NO_SERVER;
}

static int by_key(const struct choice *c)
{
	uint32_t sum = crc32_of(c->key), hash = 0;

	for (int k = 0; k < ATTEMPTS; k++) {
		int found;

		hash += sum >> 16 & 0x7FFF;
		found = by_weight(c, hash);
		if (choose_fitness(c, (uint32_t)found) == FIT)
			return found;
		sum = crc32_more(sum, STR("again"));
	}
	return NO_SERVER;
}

static int by_ring(const struct choice *c)
{
	uint32_t at = ring_find(c->ring, crc32_of(c->key));

	for (uint32_t k = 0; k < c->ring->count; k++) {
		uint32_t found = c->ring->points[(at + k) % c->ring->count].server;

		if (choose_fitness(c, found) == FIT)
			return (int)found;
	}
	return NO_SERVER;
}

/* xorshift: random enough for balancing, but not for secrets. */
static uint32_t throw(uint32_t * dice)
{
	*dice ^= *dice << 13;
	*dice ^= *dice >> 17;
	*dice ^= *dice << 5;
	return *dice;
}

static int by_chance(const struct choice *c, int but)
{
	for (int k = 0; k < ATTEMPTS; k++) {
		int found = by_weight(c, throw(c->dice));

		if (found != but && choose_fitness(c, (uint32_t)found) == FIT)
			return found;
	}
	return NO_SERVER;
}

/* Chooses two random servers and takes the less busy one. The result is nearly as good as the
 * least busy server of all. Workers that choose at the same time do not all choose the same
 * server. */
static int by_two_chances(const struct choice *c)
{
	int a = by_chance(c, NO_SERVER);
	int b = a != NO_SERVER ? by_chance(c, a) : NO_SERVER;

	return b != NO_SERVER && compare_load(c, b, a) < 0 ? b : a;
}

static int by_method(const struct choice *c)
{
	switch (c->method) {
	case BALANCE_LEAST_CONN:
		return least_busy(c, 0, c->primaries);
	case BALANCE_IP_HASH:
		return by_address(c);
	case BALANCE_HASH:
		return by_key(c);
	case BALANCE_HASH_CONSISTENT:
		return by_ring(c);
	case BALANCE_RANDOM:
		return by_chance(c, NO_SERVER);
	case BALANCE_RANDOM_TWO:
		return by_two_chances(c);
	default:
		return NO_SERVER;
	}
}

/* Notes the time when a failed server is asked again. So this server gets only one request in
 * each fail_timeout, until it has answered. */
static int take(const struct choice *c, int i)
{
	if (i != NO_SERVER && c->now - c->states[i].checked > c->servers[i].fail_timeout)
		c->states[i].checked = c->now;
	return i;
}

int choose(const struct choice *c)
{
	int i = choose_best_fitness(c) == FIT ? by_method(c) : NO_SERVER;

	if (i == NO_SERVER)
		i = in_turn(c, 0, c->primaries, NO_SERVER);
	if (i == NO_SERVER && c->method == BALANCE_LEAST_CONN)
		i = least_busy(c, c->primaries, c->count);
	if (i == NO_SERVER)
		i = in_turn(c, c->primaries, c->count, NO_SERVER);
	return take(c, i);
}

/* ---- after the request */

void backend_succeeded(struct backend_state *s)
{
	if (s->accessed < s->checked)
		s->fails = 0;
}

void backend_failed(const struct backend *server, struct backend_state *s, int64_t now)
{
	s->fails++;
	s->accessed = s->checked = now;
	if (server->max_fails > 0)
		s->effective -= server->weight / server->max_fails;
	if (s->effective < 0)
		s->effective = 0;
}

/* ---- the ring */

/* Hashes the host, a NUL, and the port. Other programs place their points in the same way, so
 * both choose the same server for a key. */
static uint32_t sum_of_name(struct str name)
{
	const char *colon = memrchr(name.data, ':', name.len);
	const char *end = name.data + name.len;
	struct str host = name, port = STR_NONE;

	if (str_starts(name, STR("unix:"))) {
		host = (struct str){name.data + 5, name.len - 5};
	} else if (colon != NULL) {
		host = str_between(name.data, colon);
		port = str_between(colon + 1, end);
	}
	return crc32_more(crc32_more(crc32_of(host), (struct str){"", 1}), port);
}

void ring_add(struct ring *r, uint32_t server, struct str name, uint32_t weight)
{
	uint32_t base = sum_of_name(name), place = 0;

	for (uint32_t i = 0; i < weight * RING_POINTS; i++) {
		const char before[4] = {(char)place, (char)(place >> 8), (char)(place >> 16),
					(char)(place >> 24)};

		place = crc32_more(base, (struct str){before, sizeof(before)});
		r->points[r->count++] = (struct ring_point){place, server};
	}
}

static int compare_points(const void *a, const void *b)
{
	const struct ring_point *x = a, *y = b;

	if (x->place != y->place)
		return x->place < y->place ? -1 : 1;
	return x->server < y->server ? -1 : x->server > y->server;
}

void ring_sort(struct ring *r)
{
	uint32_t kept = 0;

	qsort(r->points, r->count, sizeof(*r->points), compare_points);
	for (uint32_t i = 0; i < r->count; i++)
		if (kept == 0 || r->points[i].place != r->points[kept - 1].place)
			r->points[kept++] = r->points[i];
	r->count = kept;
}

uint32_t ring_find(const struct ring *r, uint32_t place)
{
	uint32_t low = 0, high = r->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (r->points[middle].place < place)
			low = middle + 1;
		else
			high = middle;
	}
	return low < r->count ? low : 0;
}
