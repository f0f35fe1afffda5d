/* The checks of lab 4 that students do not see. */
#include "turns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- random calls, beside a model --------------------------------------------------------- */

enum { PAIRS = 4, ROUNDS = 5, CALLS = 400 }; /* EVENTS is at least 4: one turn tells of all */

struct pair {
	bool watched, left; /* left: its other end is closed */
	unsigned what;      /* 1 read, 2 write */
	int bytes, watch;   /* in the socket; the number of its watch */
};

static struct pair model[PAIRS + 1]; /* from 1 on */
static int watches;

static const char *const wishes[] = {"-", "r", "w", "rw"};

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* One turn: the calls in it, sorted as text, as the answer is. */
static void model_turn(struct program *p)
{
	char lines[PAIRS][64], wanted[PAIRS * 66] = "";
	size_t n = 0;

	for (int i = 1; i <= PAIRS; i++) {
		bool readable = model[i].bytes || model[i].left;
		unsigned ready = model[i].what & (readable ? 3u : 2u);

		if (model[i].watched && ready)
			snprintf(lines[n++], sizeof *lines, "called %d %s", model[i].watch,
				 wishes[ready]);
	}
	qsort(lines, n, sizeof *lines, by_text);
	for (size_t i = 0; i < n; i++) {
		strcat(wanted, i ? "; " : "");
		strcat(wanted, lines[i]);
	}
	expect_text("calls in this turn", wanted, answer(p, "turn 0"));
}

static void model_write(struct program *p, int i)
{
	if (model[i].left)
		return;
	order(p, "write %d x", i);
	model[i].bytes++;
}

static void model_read(struct program *p, int i)
{
	char text[32];

	if (model[i].bytes == 0)
		return;
	snprintf(text, sizeof text, "read %d", model[i].bytes);
	expect_text("bytes", text, answer(p, "read %d", i));
	model[i].bytes = 0;
}

/* A new watch, or another wish of the one that there is. */
static void model_wish(struct program *p, int i)
{
	model[i].what = (unsigned)(dice() % 4);
	if (model[i].watched) {
		order(p, "change %d %s", model[i].watch, wishes[model[i].what]);
		return;
	}
	model[i].watched = true;
	model[i].watch = ++watches;
	order(p, "watch %d %d %s", model[i].watch, i, wishes[model[i].what]);
}

static void model_end(struct program *p, int i)
{
	if (!model[i].watched)
		return;
	order(p, "end %d", model[i].watch);
	model[i].watched = false;
}

static void model_leave(struct program *p, int i)
{
	if (model[i].left)
		return;
	order(p, "leave %d", i);
	model[i].left = true;
}

/* Of 120 calls about 40 wish, 40 write or read, 6 end a watch and one closes the other end. */
static void model_call(struct program *p)
{
	int i = 1 + (int)(dice() % PAIRS), kind = (int)(dice() % 120);

	if (kind < 20)
		model_write(p, i);
	else if (kind < 40)
		model_read(p, i);
	else if (kind < 80)
		model_wish(p, i);
	else if (kind < 86)
		model_end(p, i);
	else if (kind == 86)
		model_leave(p, i);
}

static void model_begin(struct program *p)
{
	memset(model, 0, sizeof model);
	for (int i = 1; i <= PAIRS; i++)
		order(p, "pair %d", i);
}

static void model_over(struct program *p)
{
	for (int i = 1; i <= PAIRS; i++) {
		model_end(p, i);
		order(p, "close %d", i);
	}
}

CHECK(model)
{
	struct program *p = puppet();

	for (int round = 1; round <= ROUNDS; round++) {
		model_begin(p);
		for (int n = 1; n <= CALLS; n++) {
			scene("random script %d, call %d", round, n);
			model_call(p);
			model_turn(p);
		}
		model_over(p);
	}
}

/* ---- ends, memory, signals ---------------------------------------------------------------- */

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

static void end_round(struct program *p, int rounds)
{
	for (int i = 0; i < rounds; i++) {
		ready_pair(p, 1);
		order(p, "end 1");
		answer(p, "turn 0");
		order(p, "close 1");
		order(p, "leave 1");
	}
}

/* A reactor that is destroyed takes all with it; so does a watch that is ended. */
static void expect_no_leak(struct program *p)
{
	long before;

	scene("a watch, a posted call and an alarm, and reactor_destroy: 60 times");
	leak_round(p, 3);
	before = number_in(p, "memory");
	leak_round(p, 60);
	expect_no_growth(p, before);
	scene("watches that are ended, 200 times, in one reactor");
	end_round(p, 2);
	before = number_in(p, "memory");
	end_round(p, 200);
	expect_no_growth(p, before);
}

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

static void starts_inside(struct program *p)
{
	scene("a callback starts a watch that is ready: it is called in the next turn");
	ready_pair(p, 1);
	order(p, "pair 2");
	order(p, "write 2 x");
	order(p, "do 1 \"read 1\" \"watch 2 2 r\"");
	expect_turn(p, "called 1 r; read 1");
	expect_turn(p, "called 2 r");
}

static void sleeps_inside(struct program *p)
{
	scene("a callback puts its own watch to sleep, and an alarm wakes it");
	order(p, "clock");
	order(p, "do 2 \"change 2 -\"");
	expect_turn(p, "called 2 r");
	order(p, "alarm 1 30 \"change 2 r\"");
	expect_order(p, "turn 1000", "alarm 1");
	expect_turn(p, "called 2 r");
}

static void stops_inside(struct program *p)
{
	scene("run, and stop inside a callback");
	order(p, "do 2 \"read 2\" \"alarm 2 40 \\\"later 1 stop\\\"\"");
	expect_order(p, "run", "alarm 2; called 2 r; later 1; read 1; run is over");
}

static void another_reactor(struct program *p)
{
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

/* One reactor after the other: each scene goes on where the last one has left it. */
CHECK(inside)
{
	struct program *p = puppet();

	starts_inside(p);
	sleeps_inside(p);
	stops_inside(p);
	another_reactor(p);
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
