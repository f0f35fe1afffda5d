#include "path.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 4096 };

static struct path *buckets[BUCKETS], *newest, *oldest;

void (*on_step)(const struct path *p, int old);

static struct path **bucket(const struct sockaddr_in *local, const struct sockaddr_in *peer)
{
	unsigned h = ntohs(local->sin_port) * 31U + ntohs(peer->sin_port);

	h ^= ntohl(local->sin_addr.s_addr) * 7U + ntohl(peer->sin_addr.s_addr);
	return &buckets[h % BUCKETS];
}

static bool same(const struct sockaddr_in *a, const struct sockaddr_in *b)
{
	return a->sin_port == b->sin_port && a->sin_addr.s_addr == b->sin_addr.s_addr;
}

struct path *path_find(const struct sockaddr_in *local, const struct sockaddr_in *peer)
{
	for (struct path *p = *bucket(local, peer); p; p = p->next)
		if (same(&p->local, local) && same(&p->peer, peer))
			return p;
	return NULL;
}

struct path *path_create(const struct sockaddr_in *local, const struct sockaddr_in *peer)
{
	struct path **b = bucket(local, peer), *p = calloc(1, sizeof(*p));

	if (!p)
		abort();
	p->local = *local;
	p->peer = *peer;
	p->next = *b;
	*b = p;
	p->older = newest;
	if (newest)
		newest->newer = p;
	else
		oldest = p;
	newest = p;
	return p;
}

/* A path that is full keeps its beginning and forgets the step before the last. */
void path_step(struct path *p, double when, int state)
{
	int old = p->steps ? path_state(p) : 0;

	if (p->steps == PATH_MAX_STEPS)
		p->steps--;
	p->step[p->steps++] = (struct step){when, state};
	on_step(p, old);
}

int path_state(const struct path *p)
{
	return p->step[p->steps - 1].state;
}

double path_since(const struct path *p)
{
	return p->step[p->steps - 1].when;
}

struct path *path_newest(void)
{
	return newest;
}

static void path_destroy(struct path *p)
{
	struct path **at = bucket(&p->local, &p->peer);

	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	*(p->newer ? &p->newer->older : &newest) = p->older;
	*(p->older ? &p->older->newer : &oldest) = p->newer;
	free(p);
}

void path_drop_closed(double before)
{
	for (struct path *p = oldest, *newer; p; p = newer) {
		newer = p->newer;
		if (path_state(p) == STATE_CLOSED && path_since(p) < before)
			path_destroy(p);
	}
}

const char *path_address(const struct sockaddr_in *a)
{
	static char text[2][INET_ADDRSTRLEN + 8];
	static int turn;
	char ip[INET_ADDRSTRLEN];

	turn ^= 1;
	inet_ntop(AF_INET, &a->sin_addr, ip, sizeof(ip));
	snprintf(text[turn], sizeof(text[turn]), "%s:%u", ip, ntohs(a->sin_port));
	return text[turn];
}
