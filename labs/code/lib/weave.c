/*
 * weave: depth first through all orders. A thread runs until its next point; there the boss decides
 * which one goes on. The decisions of one run are a path; the next run takes the same path up to
 * the last decision that has another choice left, and takes that.
 *
 *   a thread:  RUNS --w_take of a taken lock--> BLOCKED --w_give--> RUNS
 *              RUNS --w_wait--> SLEEPS (or TIMED) --w_wake, or the time--> RUNS
 *              RUNS --its function returns--> DONE
 *
 * Time passes only when no thread can go on otherwise: then the shortest w_wait ends. If none is
 * TIMED either, a wake-up was lost or threads wait for each other.
 */
#ifndef WEAVE
#define WEAVE
#endif
#define WEAVE_ITSELF
#include "weave.h"

#include "scene.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>

enum { DEPTH = 4096, STACK = 1 << 17, ORDERS_MOST = 3000000, OUTSIDE = 99 };
enum state { RUNS, BLOCKED, SLEEPS, TIMED, DONE };

struct place { /* a call of weave.h */
	const char *file, *what;
	int line;
};

static struct thread {
	ucontext_t context;
	enum state state;
	const void *on; /* the lock or condition for which it waits */
	bool timed_out;
	int ms;
	struct place place; /* the call that it does when it goes on; what: NULL: it begins */
	char stack[STACK] __attribute__((aligned(16)));
} threads[WEAVE_THREADS];

static struct decision {
	int options, taken, who;
	struct place place;
} path[DEPTH];

static const struct weave *weave;
static ucontext_t boss;
static int count, me; /* me: -1 outside of all threads */
static int depth, known, switches_used;
static bool failed;
static char why[512];

/* ---- what threads call ------------------------------------------------------------------- */

void weave_fail(const char *format, ...)
{
	va_list args;

	if (failed)
		return;
	failed = true;
	va_start(args, format);
	vsnprintf(why, sizeof why, format, args);
	va_end(args);
	if (me >= 0)
		swapcontext(&threads[me].context, &boss);
}

void weave_at(const char *file, int line, const char *what)
{
	if (me >= 0)
		threads[me].place = (struct place){file, what, line};
}

void weave_point(void)
{
	if (me >= 0)
		swapcontext(&threads[me].context, &boss);
}

uint64_t w_load(struct w_word *w)
{
	weave_point();
	return w->v;
}

void w_store(struct w_word *w, uint64_t v)
{
	weave_point();
	w->v = v;
}

bool w_cas(struct w_word *w, uint64_t *expected, uint64_t v)
{
	weave_point();
	if (w->v == *expected) {
		w->v = v;
		return true;
	}
	*expected = w->v;
	return false;
}

uint64_t w_add(struct w_word *w, uint64_t v)
{
	uint64_t before;

	weave_point();
	before = w->v;
	w->v += v;
	return before;
}

void w_take(struct w_lock *l)
{
	int mine = me < 0 ? OUTSIDE : me + 1;

	weave_point();
	if (l->owner == mine)
		weave_fail("a thread takes a lock that it holds already");
	while (l->owner && me >= 0) {
		threads[me].state = BLOCKED;
		threads[me].on = l;
		weave_point();
	}
	l->owner = mine;
}

void w_give(struct w_lock *l)
{
	if (l->owner != (me < 0 ? OUTSIDE : me + 1))
		weave_fail("a thread gives back a lock that it does not hold");
	l->owner = 0;
	for (int i = 0; i < count; i++)
		if (threads[i].state == BLOCKED && threads[i].on == l)
			threads[i].state = RUNS;
}

bool w_wait(struct w_cond *c, struct w_lock *l, int ms)
{
	struct thread *t = &threads[me < 0 ? 0 : me];

	if (me < 0)
		return false; /* alone: nothing can wake it */
	t->timed_out = false;
	t->on = c;
	t->ms = ms;
	w_give(l);
	t->state = ms < 0 ? SLEEPS : TIMED;
	weave_point();
	w_take(l);
	return !t->timed_out;
}

static bool wake(const struct w_cond *c)
{
	for (int i = 0; i < count; i++)
		if ((threads[i].state == SLEEPS || threads[i].state == TIMED) && threads[i].on == c) {
			threads[i].state = RUNS;
			return true;
		}
	return false;
}

void w_wake_one(struct w_cond *c)
{
	weave_point();
	wake(c);
}

void w_wake_all(struct w_cond *c)
{
	weave_point();
	while (wake(c))
		continue;
}

/* ---- one order --------------------------------------------------------------------------- */

static void body(int i)
{
	weave->thread[i]();
	threads[i].state = DONE;
	swapcontext(&threads[i].context, &boss);
}

static void threads_begin(void)
{
	for (int i = 0; i < count; i++) {
		struct thread *t = &threads[i];

		t->state = RUNS;
		t->place.what = NULL;
		getcontext(&t->context);
		t->context.uc_stack.ss_sp = t->stack;
		t->context.uc_stack.ss_size = STACK;
		t->context.uc_link = &boss;
		makecontext(&t->context, (void (*)(void))body, 1, i);
	}
}

/* Who can go on? The one that went on last stands first. */
static int enabled(int *list, int current)
{
	int n = 0;

	if (current >= 0 && threads[current].state == RUNS)
		list[n++] = current;
	for (int i = 0; i < count; i++)
		if (i != current && threads[i].state == RUNS)
			list[n++] = i;
	return n;
}

/* No thread can go on. False: the order is over, well or badly. */
static bool time_passes(void)
{
	struct thread *first = NULL;
	bool all_done = true;

	for (struct thread *t = threads; t < threads + count; t++) {
		all_done = all_done && t->state == DONE;
		if (t->state == TIMED && (!first || t->ms < first->ms))
			first = t;
	}
	if (first) {
		first->state = RUNS;
		first->timed_out = true;
		return true;
	}
	if (!all_done)
		weave_fail("no thread can go on: a wake-up was lost, or two wait for each other");
	return false;
}

/* `make replay N CHECK AABB`: the letter says which thread goes on; behind the last one, the first. */
static int pick_as_played(const char *order, const int *list, int n)
{
	if (depth >= (int)strlen(order))
		return 0;
	for (int i = 0; i < n; i++)
		if (order[depth] == 'A' + list[i]) {
			scene_order_used();
			return i;
		}
	scene_fail("'%.400s' can not be played: at letter %d, thread %c can not go on. Run make grade again "
		   "for the order of today",
		   order, depth + 1, order[depth]);
}

/* Which of the LIST goes on: as in the order that is played, as in the known path, else the first. */
static int decide(const int *list, int n, int current)
{
	const char *order = scene_order();
	bool may_stay = current >= 0 && list[0] == current;
	int pick = 0;

	if (order) {
		pick = pick_as_played(order, list, n);
	} else if (depth < known) {
		pick = path[depth].taken;
	} else {
		path[depth].taken = 0;
		known = depth + 1;
	}
	path[depth].options = may_stay && weave->switches >= 0 && switches_used >= weave->switches ? 1 : n;
	path[depth].who = list[pick];
	path[depth].place = threads[list[pick]].place;
	depth++;
	switches_used += may_stay && pick > 0;
	return list[pick];
}

static void run_one_order(void)
{
	int current = -1, list[WEAVE_THREADS], n;

	me = -1;
	failed = false;
	depth = switches_used = 0;
	weave->setup();
	threads_begin();
	while (!failed) {
		n = enabled(list, current);
		if (n == 0) {
			if (!time_passes())
				break;
			continue;
		}
		if (depth == DEPTH) {
			weave_fail("more than %d steps: a thread runs in a circle", DEPTH);
			break;
		}
		current = me = decide(list, n, current);
		swapcontext(&boss, &threads[me].context);
		me = -1;
	}
	if (!failed && weave->after)
		weave->after();
}

/* ---- all of them ------------------------------------------------------------------------- */

static const char *name_of(int i)
{
	return weave->name[i] ? weave->name[i] : "a thread";
}

/* The steps of the order: which thread went on, and with which call. */
static void tell_steps(void)
{
	for (int n = 0; n < depth; n++) {
		const struct place *p = &path[n].place;
		const char *file = p->file ? strrchr(p->file, '/') : NULL;

		if (!p->what)
			scene_note("%c begins, %s", 'A' + path[n].who, name_of(path[n].who));
		else if (p->file)
			scene_note("%c  %s:%d  %s", 'A' + path[n].who, file ? file + 1 : p->file, p->line, p->what);
		else
			scene_note("%c  %s", 'A' + path[n].who, p->what);
	}
}

static _Noreturn void tell_failure(void)
{
	char order[DEPTH + 1], names[256] = "";
	int n = 0;

	for (; n < depth; n++)
		order[n] = (char)('A' + path[n].who);
	order[n] = '\0';
	for (int i = 0; i < count; i++)
		snprintf(names + strlen(names), sizeof names - strlen(names), "%s%c is %s", i ? ", " : "",
			 'A' + i, name_of(i));
	tell_steps();
	scene_fail("in the order %.400s (%s): %s", order, names, why);
}

void weave_all(const struct weave *w)
{
	long orders = 0;

	weave = w;
	known = 0;
	for (count = 0; count < WEAVE_THREADS && w->thread[count];)
		count++;
	do {
		run_one_order();
		orders++;
		if (failed)
			tell_failure();
		if (scene_order()) {
			tell_steps();
			return;
		}
		known = depth;
		while (known > 0 && path[known - 1].taken + 1 >= path[known - 1].options)
			known--;
		if (known > 0)
			path[known - 1].taken++;
	} while (known > 0 && orders < ORDERS_MOST);
	scene_note("%ld orders tried", orders);
}
