/*
 * ep.c - as the kernel has it: while a waiter reads the list of the ready, hooks write to a
 * second one, which is joined to the first afterwards. What is watched is a table by the
 * socket's number.
 */
#include "ep.h"

#include "sim.h"
#include "variant.h"
#include "weave.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct item {
	struct hook hook;
	struct ep *ep;
	int sock;
	struct ep_event wish;
	struct item *next;
	bool listed, late; /* is it in ready, is it in the second list */
	struct item *next_late;
};

struct list {
	struct item *head, *tail;
};

struct ep {
	struct w_lock control; /* the table, and all items stay as long as it is held */
	struct item **table;
	int room;

	struct w_lock lock;
	struct list ready;
	struct item *late;
	bool reading;
	int sleepers;
	struct w_cond bell;
};

static void append(struct list *l, struct item *i)
{
	i->next = NULL;
	if (l->tail)
		l->tail->next = i;
	else
		l->head = i;
	l->tail = i;
}

static struct item *take_first(struct list *l)
{
	struct item *i = l->head;

	if (i)
		l->head = i->next;
	if (!l->head)
		l->tail = NULL;
	return i;
}

/* With the lock held. */
static void note(struct item *i)
{
	struct ep *e = i->ep;

	if (e->reading && !i->late) {
		i->late = true;
		i->next_late = e->late;
		e->late = i;
	} else if (!e->reading && !i->listed) {
		i->listed = true;
		append(&e->ready, i);
	}
	if (e->sleepers)
		w_wake_one(&e->bell);
}

static void on_change(struct hook *h, unsigned events)
{
	struct item *i = (struct item *)h;

	w_take(&i->ep->lock);
	if (events & i->wish.events)
		note(i);
	w_give(&i->ep->lock);
}

struct ep *ep_create(void)
{
	return calloc(1, sizeof(struct ep));
}

static int make_room(struct ep *e, int sock)
{
	int room = e->room ? e->room : 16;
	struct item **table;

	while (room <= sock)
		room *= 2;
	if (room == e->room)
		return 0;
	table = realloc(e->table, (size_t)room * sizeof *table);
	if (!table)
		return -1;
	memset(table + e->room, 0, (size_t)(room - e->room) * sizeof *table);
	e->table = table;
	e->room = room;
	return 0;
}

static void set_wish(struct item *i, const struct ep_event *wish)
{
	unsigned ready;

	w_take(&i->ep->lock);
	i->wish = *wish;
	i->wish.events |= EP_HUP;
	w_give(&i->ep->lock);
	ready = sim_ready(i->sock);
	w_take(&i->ep->lock);
	if (ready & i->wish.events)
		note(i);
	w_give(&i->ep->lock);
}

static void remove_item(struct ep *e, struct item *i)
{
	struct list without = {0};
	struct item *other;

	sim_unhook(i->sock, &i->hook);
	w_take(&e->lock);
	while (i->listed && (other = take_first(&e->ready)))
		if (other != i)
			append(&without, other);
	if (i->listed)
		e->ready = without;
	w_give(&e->lock);
	e->table[i->sock] = NULL;
	free(i);
}

static int control(struct ep *e, int op, int sock, const struct ep_event *wish)
{
	struct item *i = sock < e->room ? e->table[sock] : NULL;

	if (op != EP_ADD && op != EP_MOD && op != EP_DEL)
		return EINVAL;
	if (op == EP_ADD && i)
		return EEXIST;
	if (op != EP_ADD && !i)
		return ENOENT;
	if (op == EP_DEL) {
		remove_item(e, i);
		return 0;
	}
	if (op == EP_ADD) {
		if (make_room(e, sock) < 0 || !(i = calloc(1, sizeof *i)))
			return ENOMEM;
		i->hook.changed = on_change;
		i->ep = e;
		i->sock = sock;
		e->table[sock] = i;
		sim_hook(sock, &i->hook);
	}
	set_wish(i, wish);
	return 0;
}

int ep_ctl(struct ep *e, int op, int sock, const struct ep_event *wish)
{
	int error;

	if (!sim_exists(sock)) {
		errno = EBADF;
		return -1;
	}
	w_take(&e->control);
	error = control(e, op, sock, wish);
	w_give(&e->control);
	errno = error;
	return error ? -1 : 0;
}

static int collect(struct ep *e, struct ep_event *events, int max)
{
	struct list batch, again = {0};
	struct item *i;
	int n = 0;

	w_take(&e->lock);
	batch = e->ready;
	e->ready = (struct list){0};
	e->reading = true;
	w_give(&e->lock);
	while (n < max && (i = take_first(&batch))) {
		uint32_t ready = sim_ready(i->sock) & i->wish.events;

		i->listed = false;
		if (!ready)
			continue;
		events[n++] = (struct ep_event){ready, i->wish.data};
		if (i->wish.events & EP_ONESHOT) {
			w_take(&e->lock);
			i->wish.events = 0;
			w_give(&e->lock);
		} else if (!(i->wish.events & EP_ET)) {
			i->listed = true;
			append(&again, i);
		}
	}
	w_take(&e->lock);
	e->reading = false;
	while ((i = take_first(&again)))
		append(&batch, i);
	e->ready = batch;
	while ((i = e->late)) {
		e->late = i->next_late;
		i->late = false;
		if (i->wish.events && !i->listed) {
			i->listed = true;
			append(&e->ready, i);
		}
	}
	if (n > 0 && e->ready.head && e->sleepers)
		w_wake_one(&e->bell);
	w_give(&e->lock);
	return n;
}

int ep_wait(struct ep *e, struct ep_event *events, int max, int timeout_ms)
{
	bool last = timeout_ms == 0;

	if (max <= 0) {
		errno = EINVAL;
		return -1;
	}
	for (;;) {
		int n;

		w_take(&e->control);
		n = collect(e, events, max);
		w_give(&e->control);
		if (n > 0 || last)
			return n;
		w_take(&e->lock);
		e->sleepers++;
		while (!e->ready.head && !e->late && !last)
			last = !w_wait(&e->bell, &e->lock, timeout_ms);
		e->sleepers--;
		w_give(&e->lock);
	}
}

void ep_close(struct ep *e)
{
	for (int s = 0; s < e->room; s++)
		if (e->table[s])
			remove_item(e, e->table[s]);
	free(e->table);
	free(e);
}
