/* ep.c - yours: epoll for the sockets of sim.h. */
#include "ep.h"

#include "sim.h"
#include "variant.h"
#include "weave.h"

#include <errno.h>
#include <search.h>
#include <stdbool.h>
#include <stdlib.h>

/* LAB-BEGIN 1: what an ep knows (about 40 lines) */
/*
 * A tree says what is watched, a list which of these may be ready. "May be": an item in the
 * list is only a reason to ask sim_ready.
 *
 * The order of the locks: tree, then a socket's, then list. A hook is called with the socket's
 * lock held, so it takes list alone.
 */
struct item {
	struct hook hook; /* the first member: a hook is its item */
	struct ep *ep;
	int sock;
	struct ep_event wish; /* written with both locks held, read with either */
	bool queued;
	struct item *next, *previous;
};

struct ep {
	struct w_lock tree;
	void *root;

	struct w_lock list; /* for all that follows */
	struct item *first, *last;
	struct w_cond came;
	int waiting; /* threads that sleep */
};

static int compare(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	return x->sock < y->sock ? -1 : x->sock > y->sock;
}

static struct item *find(struct ep *e, int sock)
{
	struct item key = {.sock = sock}, **at;

	at = tfind(&key, &e->root, compare);
	return at ? *at : NULL;
}
/* LAB-ELSE
LAB-END */

/* LAB-BEGIN 2: the list of the ready (about 45 lines) */
static void enqueue(struct item *i)
{
	struct ep *e = i->ep;

	if (i->queued)
		return;
	i->queued = true;
	i->next = NULL;
	i->previous = e->last;
	if (e->last)
		e->last->next = i;
	else
		e->first = i;
	e->last = i;
}

static void dequeue(struct item *i)
{
	struct ep *e = i->ep;

	if (!i->queued)
		return;
	i->queued = false;
	if (i->previous)
		i->previous->next = i->next;
	else
		e->first = i->next;
	if (i->next)
		i->next->previous = i->previous;
	else
		e->last = i->previous;
}

static uint32_t asked(const struct item *i)
{
	return i->wish.events & ~(uint32_t)(EP_ET | EP_ONESHOT);
}

static void came(struct item *i, unsigned events)
{
	struct ep *e = i->ep;

	w_take(&e->list);
	if (events & asked(i)) {
		enqueue(i);
		if (e->waiting)
			w_wake_one(&e->came);
	}
	w_give(&e->list);
}

static void changed(struct hook *h, unsigned events)
{
	came((struct item *)h, events);
}
/* LAB-ELSE
LAB-END */

struct ep *ep_create(void)
{
	/* LAB-BEGIN 3: an empty one (1 line: locks of zeros are free) */
	return calloc(1, sizeof(struct ep));
	/* LAB-ELSE
	return NULL;
	LAB-END */
}

/* LAB-BEGIN 4: ADD, MOD, DEL (about 45 lines) */
static void wish_for(struct item *i, const struct ep_event *wish)
{
	w_take(&i->ep->list);
	i->wish = *wish;
	i->wish.events |= EP_HUP;
	w_give(&i->ep->list);
	/* What is ready already will not change any more: the hook is not called for it. */
	came(i, sim_ready(i->sock));
}

static struct item *add(struct ep *e, int sock)
{
	struct item *i = calloc(1, sizeof *i);

	if (i)
		*i = (struct item){.hook.changed = changed, .ep = e, .sock = sock};
	if (!i || !tsearch(i, &e->root, compare)) {
		free(i);
		errno = ENOMEM;
		return NULL;
	}
	sim_hook(sock, &i->hook);
	return i;
}

static void take_out(struct item *i)
{
	sim_unhook(i->sock, &i->hook);
	w_take(&i->ep->list);
	dequeue(i);
	w_give(&i->ep->list);
	tdelete(i, &i->ep->root, compare);
	free(i);
}

static int control(struct ep *e, int op, int sock, const struct ep_event *wish)
{
	struct item *i = find(e, sock);

	if (op == EP_ADD && i)
		errno = EEXIST;
	else if (op != EP_ADD && op != EP_MOD && op != EP_DEL)
		errno = EINVAL;
	else if (op != EP_ADD && !i)
		errno = ENOENT;
	else if (op == EP_DEL) {
		take_out(i);
		return 0;
	} else if (i || (i = add(e, sock))) {
		wish_for(i, wish);
		return 0;
	}
	return -1;
}
/* LAB-ELSE
LAB-END */

int ep_ctl(struct ep *e, int op, int sock, const struct ep_event *wish)
{
	/* LAB-BEGIN 5: one thread at a time (about 10 lines) */
	int result;

	if (!sim_exists(sock)) {
		errno = EBADF;
		return -1;
	}
	w_take(&e->tree);
	result = control(e, op, sock, wish);
	w_give(&e->tree);
	return result;
	/* LAB-ELSE
	(void)e, (void)op, (void)sock, (void)wish;
	errno = ENOSYS;
	return -1;
	LAB-END */
}

/* LAB-BEGIN 6: what is ready (about 40 lines) */
/* An item that was reported: one shot is over, a level stays, an edge is forgotten. */
static bool stays(struct item *i)
{
	if (i->wish.events & EP_ONESHOT)
		i->wish.events = EP_ONESHOT;
	else if (!(i->wish.events & EP_ET))
		enqueue(i);
	return i->queued;
}

static struct item *first_before(struct ep *e, const struct item *end)
{
	struct item *i;

	w_take(&e->list);
	i = e->first != end ? e->first : NULL;
	if (i)
		dequeue(i);
	w_give(&e->list);
	return i;
}

/* With the tree's lock held, so that no item goes away. A level goes to the end of the list
 * again: the first of these ends the round. */
static int collect(struct ep *e, struct ep_event *events, int max)
{
	struct item *i, *again = NULL;
	int n = 0;

	while (n < max && (i = first_before(e, again))) {
		uint32_t ready = sim_ready(i->sock) & asked(i);

		if (!ready)
			continue;
		events[n++] = (struct ep_event){ready, i->wish.data};
		w_take(&e->list);
		if (stays(i) && !again)
			again = i;
		w_give(&e->list);
	}
	return n;
}
/* LAB-ELSE
LAB-END */

int ep_wait(struct ep *e, struct ep_event *events, int max, int timeout_ms)
{
	/* LAB-BEGIN 7: look, sleep, look again (about 25 lines) */
	bool in_time = timeout_ms != 0;
	int n;

	if (max < 1) {
		errno = EINVAL;
		return -1;
	}
	for (;;) {
		w_take(&e->tree);
		n = collect(e, events, max);
		w_give(&e->tree);
		w_take(&e->list);
		if (n > 0 || !in_time)
			break;
		e->waiting++;
		while (!e->first && in_time)
			in_time = w_wait(&e->came, &e->list, timeout_ms);
		e->waiting--;
		w_give(&e->list);
	}
	if (e->first && e->waiting) /* there is more, for another thread */
		w_wake_one(&e->came);
	w_give(&e->list);
	return n;
	/* LAB-ELSE
	(void)e, (void)events, (void)max, (void)timeout_ms;
	errno = ENOSYS;
	return -1;
	LAB-END */
}

void ep_close(struct ep *e)
{
	/* LAB-BEGIN 8: nothing is watched any more (about 4 lines) */
	while (e->root)
		take_out(*(struct item **)e->root); /* tsearch(3): a node begins with its key */
	free(e);
	/* LAB-ELSE
	(void)e;
	LAB-END */
}
