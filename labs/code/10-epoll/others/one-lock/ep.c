/* ep.c - a hash table, and one lock for all. The lock is never held while a socket is asked, so
 * an item has references: one of the table, one of each thread that asks. The last one frees
 * it. */
#include "ep.h"

#include "sim.h"
#include "variant.h"
#include "weave.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

enum { BUCKETS = 4096 };

struct item {
	struct hook hook;
	struct ep *ep;
	int sock, references;
	bool removed, queued;
	struct ep_event wish;
	struct item *same_bucket, *next;
};

struct ep {
	struct w_lock lock;
	struct w_cond came;
	int waiting;
	struct item *bucket[BUCKETS];
	struct item *first, **end;
};

static struct item **place_of(struct ep *e, int sock)
{
	struct item **at = &e->bucket[(unsigned)sock % BUCKETS];

	while (*at && (*at)->sock != sock)
		at = &(*at)->same_bucket;
	return at;
}

static void put(struct item *i)
{
	if (--i->references == 0)
		free(i);
}

static void wake(struct ep *e)
{
	if (e->first && e->waiting > 0)
		w_wake_one(&e->came);
}

static void push(struct item *i)
{
	struct ep *e = i->ep;

	if (i->queued || i->removed)
		return;
	i->queued = true;
	i->next = NULL;
	*e->end = i;
	e->end = &i->next;
}

static struct item *pop(struct ep *e)
{
	struct item *i = e->first;

	i->queued = false;
	e->first = i->next;
	if (!e->first)
		e->end = &e->first;
	return i;
}

static void unqueue(struct item *i)
{
	struct item **at = &i->ep->first;

	if (!i->queued)
		return;
	while (*at != i)
		at = &(*at)->next;
	*at = i->next;
	if (i->ep->end == &i->next)
		i->ep->end = at;
	i->queued = false;
}

static uint32_t wanted(const struct item *i)
{
	return i->wish.events & (EP_IN | EP_OUT | EP_RDHUP | EP_HUP);
}

static void on_change(struct hook *h, unsigned events)
{
	struct item *i = (struct item *)h;

	w_take(&i->ep->lock);
	if (wanted(i) & events)
		push(i);
	wake(i->ep);
	w_give(&i->ep->lock);
}

struct ep *ep_create(void)
{
	struct ep *e = calloc(1, sizeof *e);

	if (e)
		e->end = &e->first;
	return e;
}

/* With the lock held; it is given up meanwhile, and I stays because of the reference. */
static uint32_t ask(struct item *i)
{
	uint32_t ready;

	i->references++;
	w_give(&i->ep->lock);
	ready = sim_ready(i->sock);
	w_take(&i->ep->lock);
	return ready & wanted(i);
}

static void look(struct item *i)
{
	if (ask(i))
		push(i);
	wake(i->ep);
	put(i);
}

static void unhook(struct ep *e, struct item *i)
{
	w_give(&e->lock);
	sim_unhook(i->sock, &i->hook);
	w_take(&e->lock);
	put(i);
}

static int failed(struct ep *e, int number)
{
	w_give(&e->lock);
	errno = number;
	return -1;
}

int ep_ctl(struct ep *e, int op, int sock, const struct ep_event *wish)
{
	struct item **at, *i;

	if (!sim_exists(sock)) {
		errno = EBADF;
		return -1;
	}
	w_take(&e->lock);
	at = place_of(e, sock);
	i = *at;
	switch (op) {
	case EP_ADD:
		if (i)
			return failed(e, EEXIST);
		i = calloc(1, sizeof *i);
		if (!i)
			return failed(e, ENOMEM);
		i->hook.changed = on_change;
		i->ep = e;
		i->sock = sock;
		i->references = 1;
		i->wish = *wish;
		i->wish.events |= EP_HUP;
		*at = i;
		w_give(&e->lock);
		sim_hook(sock, &i->hook);
		w_take(&e->lock);
		look(i);
		break;
	case EP_MOD:
		if (!i)
			return failed(e, ENOENT);
		i->wish = *wish;
		i->wish.events |= EP_HUP;
		look(i);
		break;
	case EP_DEL:
		if (!i)
			return failed(e, ENOENT);
		*at = i->same_bucket;
		unqueue(i);
		i->removed = true;
		unhook(e, i);
		break;
	default:
		return failed(e, EINVAL);
	}
	w_give(&e->lock);
	return 0;
}

/* Each item that is in the list now is looked at once. */
static int collect(struct ep *e, struct ep_event *events, int max)
{
	struct item *last_one = NULL;
	int n = 0;

	while (n < max && e->first && e->first != last_one) {
		struct item *i = pop(e);
		uint32_t ready = ask(i);

		if (ready && !i->removed) {
			events[n++] = (struct ep_event){ready, i->wish.data};
			if (i->wish.events & EP_ONESHOT)
				i->wish.events = 0;
			else if (!(i->wish.events & EP_ET))
				push(i);
			if (!last_one && i->queued)
				last_one = i;
		}
		put(i);
	}
	return n;
}

int ep_wait(struct ep *e, struct ep_event *events, int max, int timeout_ms)
{
	bool over = timeout_ms == 0;
	int n;

	if (max <= 0) {
		errno = EINVAL;
		return -1;
	}
	w_take(&e->lock);
	while ((n = collect(e, events, max)) == 0 && !over) {
		if (e->first)
			continue;
		e->waiting++;
		over = !w_wait(&e->came, &e->lock, timeout_ms);
		e->waiting--;
	}
	wake(e);
	w_give(&e->lock);
	return n;
}

void ep_close(struct ep *e)
{
	w_take(&e->lock);
	for (int b = 0; b < BUCKETS; b++)
		while (e->bucket[b]) {
			struct item *i = e->bucket[b];

			e->bucket[b] = i->same_bucket;
			unhook(e, i);
		}
	w_give(&e->lock);
	free(e);
}
