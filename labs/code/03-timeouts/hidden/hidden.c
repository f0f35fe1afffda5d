/* The checks of lab 3 that students do not see. */
#include "late.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- random calls, beside the simplest thing that can be right ---------------------------- */

enum { DEADLINES = 40, CALLS = 4000, CALLS_A_SCENE = 500 };

static struct {
	int64_t due;
	long order; /* the number of the call that set it; 0: it is not set */
} model[DEADLINES];

static bool model_before(int a, int b)
{
	if (model[a].due != model[b].due)
		return model[a].due < model[b].due;
	return model[a].order < model[b].order;
}

/* The deadline that comes out first, or -1. */
static int model_first(void)
{
	int first = -1;

	for (int i = 0; i < DEADLINES; i++)
		if (model[i].order && (first < 0 || model_before(i, first)))
			first = i;
	return first;
}

/* What deadline_wait should say at the time AT. */
static int model_wait(int64_t at)
{
	int64_t ticks = variant("TICKS_PER_MS");
	int first = model_first();

	if (first < 0)
		return -1;
	return model[first].due <= at ? 0 : (int)((model[first].due - at + ticks - 1) / ticks);
}

static void model_take(struct program *p, int64_t at)
{
	int first = model_first();

	if (first >= 0 && model[first].due > at)
		first = -1;
	expect_take(p, at, first);
	if (first >= 0)
		model[first].order = 0;
}

static void model_call(struct program *p, int call, int64_t *at)
{
	int n = (int)(dice() % DEADLINES), kind = (int)(dice() % 8);

	if (kind < 4) {
		model[n].due = *at + (int64_t)(dice() % 30);
		model[n].order = call;
		set(p, n, model[n].due);
	} else if (kind == 4) {
		model[n].order = 0;
		clear(p, n);
	} else if (kind == 5) {
		expect_wait(p, *at, model_wait(*at));
	} else {
		*at += (int64_t)(dice() % 3);
		model_take(p, *at);
	}
}

CHECK(model)
{
	struct program *p = puppet();
	int64_t at = 0;

	for (int call = 1; call <= CALLS; call++) {
		if (call % CALLS_A_SCENE == 1)
			scene("random calls");
		model_call(p, call, &at);
	}
}

/* ---- many clients ------------------------------------------------------------------------- */

enum { GROUPS = 3, MANY = 20 };

static struct peer *peers[GROUPS][MANY];

/* When the first of them connected. */
static double group_connect(struct program *p, int group)
{
	double began = now();
	char name[32];

	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof name, "client %d of group %d", i, group);
		peers[group][i] = peer_connect(p, name);
	}
	return began;
}

/* Each third one leaves or is served, the last group first: others move into their places. */
static void each_third_leaves(void)
{
	for (int g = GROUPS - 1; g >= 0; g--)
		for (int i = 0; i < MANY; i += 3)
			if (i % 2)
				peer_say(peers[g][i], "GET /hello.txt HTTP/1.0\r\n\r\n");
			else
				peer_reset(peers[g][i]);
}

CHECK(many)
{
	int head = ms(500);
	struct program *p = timed_server(head, ms(400));
	double began[GROUPS], next = now();

	for (int g = 0; g < GROUPS; g++) {
		while (now() < next) /* the groups are apart; no rule depends on it */
			nap();
		next = now() + head / 8e3;
		began[g] = group_connect(p, g);
	}
	each_third_leaves();
	scene("%d clients in %d groups; each third one leaves or is served, the others are late",
	      GROUPS * MANY, GROUPS);
	for (int g = 0; g < GROUPS; g++)
		for (int i = 0; i < MANY; i++)
			if (i % 3)
				expect_late(peers[g][i], began[g], head);
	get_small(p, "other");
}

CHECK(wakes)
{
	enum { SILENT = 5, MOST = 25 };
	int head = ms(700);
	struct program *p = timed_server(head, ms(400));
	struct peer *peers[SILENT];
	double began = now();
	long before, woken;

	for (int i = 0; i < SILENT; i++)
		peers[i] = peer_connect(p, "silent");
	before = process_number(program_pid(p), "voluntary_ctxt_switches");
	for (int i = 0; i < SILENT; i++)
		expect_late(peers[i], began, head);
	woken = process_number(program_pid(p), "voluntary_ctxt_switches") - before;
	if (woken > MOST) {
		should_have(
		    "at most %d times that the server falls asleep, with %d silent clients",
		    MOST, SILENT);
		but_it_was("%ld", woken);
	}
}

static double load(struct program *p, int size, int times)
{
	double before = process_cpu(program_pid(p));

	step("load %d %d", size, times);
	tell(p, "load %d %d", size, times);
	expect_text("the answer", "done", heard(p));
	heard_nothing(p);
	return process_cpu(program_pid(p)) - before;
}

CHECK(cost)
{
	struct program *p = puppet();
	double few, many;

	load(p, 20000, 1); /* the memory is there now */
	few = load(p, 500, 40);
	many = load(p, 20000, 1);
	if (many > 12 * few + 0.01) {
		should_have(
		    "20,000 deadlines at most 12 times dearer than 40 times 500: %.1f ms",
		    few * 1e3);
		but_it_was("%.1f ms", many * 1e3);
	}
}

CHECK(clock)
{
	int head = ms(400);
	struct program *p = timed_server(head, ms(400));

	for (int i = 0; i < 2; i++) {
		double began = now();
		struct peer *a = peer_connect(p, "silent");

		get_small(p, "other"); /* the server has accepted both */
		step("the wall clock jumps an hour forward (SIGUSR1)");
		kill(program_pid(p), SIGUSR1);
		expect_late(a, began, head);
	}
}

CHECK(other_numbers)
{
	check_again("round-up");
	check_again("late-head");
}

CHECK(clean)
{
	struct program *p;
	struct peer *late, *still;
	double began;

	check_again("move-clear");
	check_again("equal-order");
	p = timed_server(ms(300), ms(300));
	began = now();
	late = peer_connect(p, "late");
	still = peer_connect_small(p, "still", 4096);
	peer_say(still, "GET /big HTTP/1.0\r\n\r\n");
	get_small(p, "other");
	expect_late(late, began, ms(300));
	for (double last = deadline() + 1; !ended(still) && now() < last;)
		nap();
	for (int i = 0; i < 4; i++)
		peer_connect(p, "silent");
	get_small(p, "other");
	program_stop(p);
}
