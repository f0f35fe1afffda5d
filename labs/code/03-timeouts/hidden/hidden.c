/* The checks of lab 3 that students do not see. */
#include "late.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

CHECK(model)
{
	enum { DEADLINES = 40, CALLS = 4000 };
	struct program *p = puppet();
	struct {
		int64_t due;
		long order; /* 0: not set */
	} model[DEADLINES] = {0};
	int64_t t = variant("TICKS_PER_MS"), at = 0;

	for (int call = 1; call <= CALLS; call++) {
		int n = (int)(dice() % DEADLINES), first = -1;

		if (call % 500 == 1)
			scene("random calls");
		for (int i = 0; i < DEADLINES; i++)
			if (model[i].order && (first < 0 || model[i].due < model[first].due ||
					       (model[i].due == model[first].due &&
						model[i].order < model[first].order)))
				first = i;
		switch (dice() % 8) {
		case 0:
		case 1:
		case 2:
		case 3:
			model[n].due = at + (int64_t)(dice() % 30);
			model[n].order = call;
			set(p, n, model[n].due);
			break;
		case 4:
			model[n].order = 0;
			clear(p, n);
			break;
		case 5:
			expect_wait(p, at,
				    first < 0 ? -1
				    : model[first].due <= at
					? 0
					: (int)((model[first].due - at + t - 1) / t));
			break;
		default:
			at += (int64_t)(dice() % 3);
			if (first >= 0 && model[first].due > at)
				first = -1;
			expect_take(p, at, first);
			if (first >= 0)
				model[first].order = 0;
		}
	}
}

CHECK(many)
{
	enum { GROUPS = 3, MANY = 20 };
	int head = ms(500);
	struct program *p = timed_server(head, ms(400));
	struct peer *peers[GROUPS][MANY];
	double began[GROUPS], next = now();
	char name[32];

	for (int g = 0; g < GROUPS; g++) {
		while (now() <
		       next) /* the groups are far from each other; no rule depends on it */
			nap();
		next = now() + head / 8e3;
		began[g] = now();
		for (int i = 0; i < MANY; i++) {
			snprintf(name, sizeof name, "client %d of group %d", i, g);
			peers[g][i] = peer_connect(p, name);
		}
	}
	for (int g = GROUPS - 1; g >= 0; g--)
		for (int i = 0; i < MANY;
		     i += 3) { /* these leave; others move into their places */
			if (i % 2)
				peer_say(peers[g][i], "GET /hello.txt HTTP/1.0\r\n\r\n");
			else
				peer_reset(peers[g][i]);
		}
	scene(
	    "%d clients in %d groups; each third one leaves or is served, the others are late",
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
