#include "sim.h"

#include "variant.h"
#include "weave.h"

#include <assert.h>
#include <stdlib.h>

enum { PAIRS = 1 << 15 };

struct end {
	bool open;
	long unread; /* bytes that wait to be read here */
	struct hook *hooks;
};

static struct pair {
	struct w_lock lock;
	struct end end[2]; /* sockets 2 * i and 2 * i + 1 */
} * pairs[PAIRS];
static int count;

/* ---- with the lock held ------------------------------------------------------------------ */

static struct pair *lock(int sock)
{
	struct pair *p = pairs[sock / 2];

	w_take(&p->lock);
	return p;
}

static void tell(struct end *e, unsigned events)
{
	for (struct hook *h = e->hooks, *next; h; h = next) {
		next = h->next;
		h->changed(h, events);
	}
}

static unsigned ready(const struct pair *p, int side)
{
	const struct end *mine = &p->end[side], *peer = &p->end[!side];
	unsigned events = 0;

	if (mine->unread > 0 || !peer->open)
		events |= EP_IN;
	if (peer->unread < CAPACITY || !peer->open)
		events |= EP_OUT;
	if (!peer->open)
		events |= EP_RDHUP | EP_HUP;
	return events;
}

/* ---- for ep.c ---------------------------------------------------------------------------- */

bool sim_exists(int sock)
{
	bool exists;

	if (sock < 0 || sock / 2 >= count)
		return false;
	exists = lock(sock)->end[sock % 2].open;
	w_give(&pairs[sock / 2]->lock);
	return exists;
}

unsigned sim_ready(int sock)
{
	struct pair *p = lock(sock);
	unsigned events = ready(p, sock % 2);

	w_give(&p->lock);
	return events;
}

void sim_hook(int sock, struct hook *h)
{
	struct pair *p = lock(sock);

	h->next = p->end[sock % 2].hooks;
	p->end[sock % 2].hooks = h;
	w_give(&p->lock);
}

void sim_unhook(int sock, struct hook *h)
{
	struct pair *p = lock(sock);
	struct hook **at = &p->end[sock % 2].hooks;

	while (*at && *at != h)
		at = &(*at)->next;
	if (*at)
		*at = h->next;
	w_give(&p->lock);
}

/* ---- for those who use the sockets ------------------------------------------------------- */

void sim_pair(int pair[2])
{
	struct pair *p = calloc(1, sizeof *p);

	assert(p && count < PAIRS);
	p->end[0].open = p->end[1].open = true;
	pair[0] = 2 * count;
	pair[1] = 2 * count + 1;
	pairs[count++] = p;
}

long sim_write(int sock, long n)
{
	struct pair *p = lock(sock);
	struct end *peer = &p->end[!(sock % 2)];

	if (n > CAPACITY - peer->unread)
		n = CAPACITY - peer->unread;
	if (!peer->open)
		n = -1;
	if (n > 0) {
		peer->unread += n;
		tell(peer, EP_IN);
	}
	w_give(&p->lock);
	return n;
}

long sim_read(int sock, long n)
{
	struct pair *p = lock(sock);
	struct end *mine = &p->end[sock % 2];
	bool was_full = mine->unread == CAPACITY;

	if (n > mine->unread)
		n = mine->unread;
	mine->unread -= n;
	if (was_full && n > 0)
		tell(&p->end[!(sock % 2)], EP_OUT);
	w_give(&p->lock);
	return n;
}

void sim_close(int sock)
{
	struct pair *p = lock(sock);

	assert(!p->end[sock % 2].hooks);
	p->end[sock % 2].open = false;
	tell(&p->end[!(sock % 2)], EP_IN | EP_OUT | EP_RDHUP | EP_HUP);
	w_give(&p->lock);
}

int sim_hooks(int sock)
{
	struct pair *p = lock(sock);
	int n = 0;

	for (struct hook *h = p->end[sock % 2].hooks; h; h = h->next)
		n++;
	w_give(&p->lock);
	return n;
}

void sim_reset(void)
{
	while (count > 0)
		free(pairs[--count]);
}
