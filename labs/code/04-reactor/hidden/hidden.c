/* The checks of lab 4 that students do not see. */
#include "turns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAIRS = 4 }; /* EVENTS is at least 4: one turn tells of all */

static struct {
	bool watched, left;
	unsigned what; /* 1 read, 2 write */
	int bytes, watch;
} model[PAIRS + 1];

static const char *const wishes[] = {"-", "r", "w", "rw"};

static void model_turn(struct program *p)
{
	char wanted[256] = "", *lines[PAIRS];
	int n = 0;
	const char *said;

	for (int i = 1; i <= PAIRS; i++) {
		unsigned ready = model[i].what & (2 | (model[i].bytes || model[i].left ? 1u : 0u));

		if (model[i].watched && ready) {
			lines[n] = malloc(64);
			snprintf(lines[n++], 64, "called %d %s", model[i].watch, wishes[ready]);
		}
	}
	for (int i = 0; i < n; i++) /* sorted as text, as the answer is */
		for (int j = i + 1; j < n; j++)
			if (strcmp(lines[j], lines[i]) < 0) {
				char *swap = lines[i];

				lines[i] = lines[j];
				lines[j] = swap;
			}
	for (int i = 0; i < n; i++) {
		snprintf(wanted + strlen(wanted), sizeof wanted - strlen(wanted), "%s%s", i ? "; " : "", lines[i]);
		free(lines[i]);
	}
	said = answer(p, "turn 0");
	expect_text("calls in this turn", wanted, said);
}

static void model_step(struct program *p, int *watches)
{
	int i = 1 + (int)(dice() % PAIRS);
	unsigned what = (unsigned)(dice() % 4);
	char text[32];

	switch (dice() % 6) {
	case 0:
		if (!model[i].left) {
			order(p, "write %d x", i);
			model[i].bytes++;
		}
		break;
	case 1:
		if (model[i].bytes > 0) {
			snprintf(text, sizeof text, "read %d", model[i].bytes);
			expect_text("bytes", text, answer(p, "read %d", i));
			model[i].bytes = 0;
		}
		break;
	case 2:
		if (!model[i].watched && *watches < 4000) {
			model[i].watch = ++*watches;
			order(p, "watch %d %d %s", model[i].watch, i, wishes[what]);
			model[i].watched = true;
			model[i].what = what;
		}
		break;
	case 3:
		if (model[i].watched) {
			order(p, "change %d %s", model[i].watch, wishes[what]);
			model[i].what = what;
		}
		break;
	case 4:
		if (model[i].watched && dice() % 3 == 0) {
			order(p, "end %d", model[i].watch);
			model[i].watched = false;
		}
		break;
	default:
		if (!model[i].left && dice() % 40 == 0) {
			order(p, "leave %d", i);
			model[i].left = true;
		}
	}
}

CHECK(model)
{
	struct program *p = puppet();
	int watches = 0;

	for (int round = 0; round < 5; round++) {
		memset(model, 0, sizeof model);
		for (int i = 1; i <= PAIRS; i++)
			order(p, "pair %d", i);
		for (int n = 0; n < 400; n++) {
			scene("random script %d, call %d", round + 1, n + 1);
			model_step(p, &watches);
			model_turn(p);
		}
		for (int i = 1; i <= PAIRS; i++) {
			if (model[i].watched)
				order(p, "end %d", model[i].watch);
			order(p, "close %d", i);
		}
	}
}

static void expect_no_leak(struct program *p);

CHECK(many_ends)
{
	enum { MANY = 400 };
	struct program *p = puppet();
	const char *said;

	scene("%d watches are ready; the first one that is called ends all", MANY);
	for (int i = 1; i <= MANY; i++) {
		ready_pair(p, i);
		order(p, "do %d \"end-many 1 %d\"", i, MANY);
	}
	said = answer(p, "turn 0");
	if (strncmp(said, "called ", 7) != 0 || strchr(said, ';')) {
		should_have("one call");
		but_it_was("\"%.100s\"", said);
	}
	expect_turn(p, "");
	ready_pair(p, MANY + 1);
	expect_turn(p, "called 401 r");
	expect_no_leak(puppet());
}

/* The same again and again: malloc has given out no more than after the first time. */
static void expect_no_growth(struct program *p, long before)
{
	long now_is = number_in(p, "memory");

	if (now_is - before > 2000) {
		should_have("at most 2000 bytes more in use than after the first round");
		but_it_was("%ld", now_is - before);
	}
}

static void leak_round(struct program *p, int rounds)
{
	for (int i = 0; i < rounds; i++) {
		ready_pair(p, 1);
		expect_turn(p, "called 1 r");
		order(p, "end 1");
		order(p, "close 1");
		order(p, "leave 1");
		order(p, "later 1");
		order(p, "alarm 1 100000");
		order(p, "fresh");
	}
}

static void expect_no_leak(struct program *p)
{
	long before;

	scene("a watch, a posted call and an alarm, and reactor_destroy: 60 times");
	leak_round(p, 3);
	before = number_in(p, "memory");
	leak_round(p, 60);
	expect_no_growth(p, before);
	scene("watches that are ended, 200 times, in one reactor");
	for (int i = 0; i < 202; i++) {
		ready_pair(p, 1);
		order(p, "end 1");
		answer(p, "turn 0");
		order(p, "close 1");
		order(p, "leave 1");
		if (i == 1)
			before = number_in(p, "memory");
	}
	expect_no_growth(p, before);
}

CHECK(eintr)
{
	struct program *p = puppet();

	scene("a signal each millisecond, which your reactor does not listen to");
	order(p, "storm");
	order(p, "pair 1");
	order(p, "watch 1 1 r");
	for (int i = 0; i < 60; i++) {
		const char *said;

		order(p, "write 1 x");
		said = answer(p, "turn 1000");
		for (int again = 0; again < 20 && *said == '\0'; again++)
			said = answer(p, "turn 1000"); /* a turn may end early */
		expect_text("calls in this turn", "called 1 r", said);
		expect_order(p, "read 1", "read 1");
	}
	order(p, "alarm 1 20 \"stop\"");
	expect_order(p, "run", "alarm 1; run is over");
}

CHECK(inside)
{
	struct program *p = puppet();

	scene("a callback starts a watch that is ready: it is called in the next turn");
	ready_pair(p, 1);
	order(p, "pair 2");
	order(p, "write 2 x");
	order(p, "do 1 \"read 1\" \"watch 2 2 r\"");
	expect_turn(p, "called 1 r; read 1");
	expect_turn(p, "called 2 r");
	scene("a callback puts its own watch to sleep, and an alarm wakes it");
	order(p, "clock");
	order(p, "do 2 \"change 2 -\"");
	expect_turn(p, "called 2 r");
	order(p, "alarm 1 30 \"change 2 r\"");
	expect_order(p, "turn 1000", "alarm 1");
	expect_turn(p, "called 2 r");
	scene("run, and stop inside a callback");
	order(p, "do 2 \"read 2\" \"alarm 2 40 \\\"later 1 stop\\\"\"");
	expect_order(p, "run", "alarm 2; called 2 r; later 1; read 1; run is over");
	scene("destroy with everything in it, and a new reactor");
	order(p, "alarm 3 10");
	order(p, "later 9");
	order(p, "write 2 x");
	order(p, "fresh");
	order(p, "clock 1000");
	expect_turn(p, "");
	order(p, "watch 7 2 r");
	expect_turn(p, "called 7 r");
}

CHECK(calls)
{
	struct program *p = puppet();
	long before;

	scene("2,000 events of a watch whose wish does not change");
	ready_pair(p, 1);
	answer(p, "turn 0");
	before = number_in(p, "ctls");
	tell(p, "turns 2000");
	while (heard(p))
		continue;
	for (int i = 0; i < 100; i++)
		order(p, "change 1 r");
	if (number_in(p, "ctls") - before > 20) {
		should_have("at most 20 calls of epoll_ctl");
		but_it_was("%ld", number_in(p, "ctls") - before);
	}
}

CHECK(clean)
{
	check_again("end-self");
	check_again("end-other");
	check_again("end-reuse");
	check_again("inside");
}
