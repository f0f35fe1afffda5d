/* The checks of lab 10 that students see. Sockets 0 and 1 are a pair, 2 and 3 the next one. */
#include "answers.h"
#include "kernel.h"

#include <stdio.h>

/* A puppet with three pairs. */
static struct program *three_pairs(void)
{
	struct program *p = puppet();

	expect_answer(p, "sockets 0 1", "pair");
	expect_answer(p, "sockets 2 3", "pair");
	expect_answer(p, "sockets 4 5", "pair");
	return p;
}

struct row {
	const char *command, *answer;
};

/* NULL as a command: the next ones are about something else, and begin again with three pairs.
 */
static void table(const struct row *rows)
{
	struct program *p = three_pairs();

	for (; rows->answer; rows++) {
		if (rows->command) {
			expect_answer(p, rows->answer, "%s", rows->command);
			continue;
		}
		scene("%s", rows->answer);
		expect_answer(p, "", "new");
		for (int i = 0; i < 6; i += 2)
			expect_answer(p,
				      i == 0   ? "sockets 0 1"
				      : i == 2 ? "sockets 2 3"
					       : "sockets 4 5",
				      "pair");
	}
}

CHECK(starts)
{
	struct program *p = three_pairs();

	program_end(p);
}

CHECK(errors)
{
	table((struct row[]){
	    {"add 0 IN 1", "ok"},
	    {"add 0 IN 2", "EEXIST"},
	    {"mod 2 IN 1", "ENOENT"},
	    {"del 2", "ENOENT"},
	    {"strange 0", "EINVAL"},
	    {"strange 2", "EINVAL"},
	    {"add 100 IN 1", "EBADF"},
	    {"mod 100 IN 1", "EBADF"},
	    {"del 100", "EBADF"},
	    {"strange 100", "EBADF"},
	    {"add -1 IN 1", "EBADF"},
	    {"wait 0 0", "EINVAL"},
	    {"wait -1 0", "EINVAL"},
	    {"close 4", ""},
	    {"add 4 IN 1", "EBADF"},
	    {"mod 0 IN|ET 3", "ok"},
	    {"del 0", "ok"},
	    {"del 0", "ENOENT"},
	    {"mod 0 IN 3", "ENOENT"},
	    {"add 0 IN 4", "ok"},
	    {"write 1 1", ""},
	    {"wait 8 0", "4:IN"},
	    {NULL, NULL},
	});
}

CHECK(level)
{
	table((struct row[]){
	    {"add 0 IN 7", "ok"},     {"wait 8 0", ""},
	    {"write 1 5", ""},        {"wait 8 0", "7:IN"},
	    {"wait 8 0", "7:IN"},     {"read 0 4", ""},
	    {"wait 8 0", "7:IN"},     {"read 0 1", ""},
	    {"wait 8 0", ""},         {"add 2 OUT 8", "ok"},
	    {"wait 8 0", "8:OUT"},    {"wait 8 0", "8:OUT"},
	    {"fill 2", ""},           {"wait 8 0", ""},
	    {"read 3 1", ""},         {"wait 8 0", "8:OUT"},
	    {"mod 2 IN|OUT 9", "ok"}, {"write 3 1", ""},
	    {"wait 8 0", "9:IN|OUT"}, {"read 2 1", ""},
	    {"wait 8 0", "9:OUT"},    {NULL, NULL},
	});
}

CHECK(before_add)
{
	table((struct row[]){
	    {"write 1 3", ""},
	    {"add 0 IN 7", "ok"},
	    {"wait 8 0", "7:IN"},
	    {"write 3 3", ""},
	    {"add 2 IN|ET 8", "ok"},
	    {"read 0 3", ""},
	    {"wait 8 0", "8:IN"},
	    {"wait 8 0", ""},
	    {"add 4 RDHUP 9", "ok"},
	    {"write 5 1", ""},
	    {"wait 8 0", ""},
	    {"mod 4 IN 10", "ok"},
	    {"wait 8 0", "10:IN"},
	    {"read 4 1", ""},
	    {NULL, "MOD says again what is there, with an edge too"},
	    {"write 1 3", ""},
	    {"add 0 IN|ET 7", "ok"},
	    {"wait 8 0", "7:IN"},
	    {"wait 8 0", ""},
	    {"mod 0 IN|ET 8", "ok"},
	    {"wait 8 0", "8:IN"},
	    {"wait 8 0", ""},
	    {NULL, "what MOD does not wish any more does not come"},
	    {"add 0 IN 7", "ok"},
	    {"write 1 1", ""},
	    {"mod 0 OUT 8", "ok"},
	    {"wait 8 0", "8:OUT"},
	    {NULL, NULL},
	});
}

CHECK(edge)
{
	table((struct row[]){
	    {"add 0 IN|ET 7", "ok"},
	    {"wait 8 0", ""},
	    {"write 1 3", ""},
	    {"wait 8 0", "7:IN"},
	    {"wait 8 0", ""},
	    {"read 0 1", ""},
	    {"wait 8 0", ""},
	    {"write 1 1", ""},
	    {"wait 8 0", "7:IN"},
	    {"wait 8 0", ""},
	    {NULL, "two writes before one wait are one event; a write that was read is none"},
	    {"add 0 IN|ET 7", "ok"},
	    {"write 1 1", ""},
	    {"write 1 1", ""},
	    {"wait 8 0", "7:IN"},
	    {"wait 8 0", ""},
	    {"read 0 2", ""},
	    {"write 1 1", ""},
	    {"read 0 1", ""},
	    {"wait 8 0", ""},
	    {NULL, NULL},
	});
}

CHECK(oneshot)
{
	table((struct row[]){
	    {"add 0 IN|ONESHOT 7", "ok"},
	    {"wait 8 0", ""},
	    {"write 1 1", ""},
	    {"wait 8 0", "7:IN"},
	    {"wait 8 0", ""},
	    {"write 1 1", ""},
	    {"wait 8 0", ""},
	    {"mod 0 IN|ONESHOT 8", "ok"},
	    {"wait 8 0", "8:IN"},
	    {"write 1 1", ""},
	    {"wait 8 0", ""},
	    {"close 1", ""},
	    {"wait 8 0", ""},
	    {"add 0 IN 9", "EEXIST"},
	    {"mod 0 RDHUP 9", "ok"},
	    {"wait 8 0", "9:RDHUP|HUP"},
	    {NULL, NULL},
	});
}

CHECK(hup)
{
	table((struct row[]){
	    {"add 0 0 7", "ok"},
	    {"add 2 IN 8", "ok"},
	    {"add 4 IN|RDHUP|ET 9", "ok"},
	    {"write 1 1", ""},
	    {"wait 8 0", ""},
	    {"close 1", ""},
	    {"wait 8 0", "7:HUP"},
	    {"wait 8 0", "7:HUP"},
	    {"del 0", "ok"},
	    {"close 3", ""},
	    {"wait 8 0", "8:IN|HUP"},
	    {"mod 2 0 10", "ok"},
	    {"wait 8 0", "10:HUP"},
	    {"del 2", "ok"},
	    {"close 5", ""},
	    {"wait 8 0", "9:IN|RDHUP|HUP"},
	    {"wait 8 0", ""},
	    {NULL, NULL},
	});
}

/* The first, the last, the one in the middle, and the only one of the list. */
CHECK(del_queued)
{
	struct program *p = three_pairs();

	for (int gone = 0; gone < 6; gone += 2) {
		int a = (gone + 2) % 6, b = (gone + 4) % 6, first = a < b ? a : b,
		    second = a < b ? b : a;
		char answer[32];

		scene("three sockets are ready, and socket %d is taken out", gone);
		for (int s = 0; s < 6; s += 2) {
			expect_answer(p, "ok", "add %d IN|ET %d", s, s);
			expect_answer(p, "", "write %d 1", s + 1);
		}
		expect_answer(p, "ok", "del %d", gone);
		expect_answer(p, "", "write %d 1", gone + 1);
		snprintf(answer, sizeof answer, "%d:IN %d:IN", first, second);
		expect_answer(p, answer, "wait 8 0");
		expect_answer(p, "", "wait 8 0");
		expect_answer(p, "ok", "del %d", first);
		expect_answer(p, "ok", "del %d", second);
	}
	scene("one socket is ready; it is taken out and added again");
	expect_answer(p, "ok", "add 0 IN 1");
	expect_answer(p, "1:IN", "wait 8 0");
	expect_answer(p, "ok", "del 0");
	expect_answer(p, "", "wait 8 0");
	expect_answer(p, "ok", "add 0 IN|ET 2");
	expect_answer(p, "2:IN", "wait 8 0");
	expect_answer(p, "", "wait 8 0");
}

/* In how many waits was each of the twelve reported? */
static void twelve_turns(const char *wish)
{
	struct program *p = puppet();
	int seen[12] = {0};

	scene("twelve sockets are ready, wish %s; three calls of ep_wait with max 4", wish);
	for (int i = 0; i < 12; i++) {
		expect_answer(p, NULL, "pair");
		expect_answer(p, "ok", "add %d %s %d", 2 * i, wish, i);
		expect_answer(p, "", "write %d 1", 2 * i + 1);
	}
	for (int i = 0; i < 3; i++) {
		int n = 0, data;

		step("wait 4 0");
		tell(p, "wait 4 0");
		for (char *line; (line = heard(p)); n++)
			if (sscanf(line, "%d:", &data) == 1 && data >= 0 && data < 12)
				seen[data]++;
		expect_number("events", 4, n);
	}
	for (int i = 0; i < 12; i++)
		if (seen[i] != 1) {
			should_have("each of the twelve once");
			but_it_was("the one with data %d: %d times", i, seen[i]);
		}
}

CHECK(fair)
{
	twelve_turns("IN");
	twelve_turns("IN|ET");
	twelve_turns("IN|ONESHOT");
}

static void at_least(double began, double ms, const char *what)
{
	double was = (now() - began) * 1000;

	if (was >= ms)
		return;
	should_have("an answer after %.0f ms or later: %s", ms, what);
	but_it_was("%.1f ms", was);
}

CHECK(blocks)
{
	struct program *p = three_pairs();
	double began, cpu;

	expect_answer(p, "ok", "add 0 IN 7");
	scene("ep_wait with -1; another thread writes after 200 ms");
	began = now();
	expect_answer(p, "", "later 1 200");
	cpu = process_cpu(program_pid(p));
	expect_answer(p, "7:IN", "wait 8 -1");
	at_least(began, 200, "nothing is written before");
	cpu = process_cpu(program_pid(p)) - cpu;
	if (cpu > 0.1) {
		should_have("a thread that sleeps: less than 100 ms of CPU");
		but_it_was("%.0f ms of CPU", cpu * 1000);
	}
	expect_answer(p, "", "read 0 1");
	scene("ep_wait with 150 ms; nothing happens");
	began = now();
	expect_answer(p, "", "wait 8 150");
	at_least(began, 150, "the time is not over before");
	scene("ep_wait with a time, and something is ready already");
	expect_answer(p, "", "write 1 1");
	expect_answer(p, "7:IN", "wait 8 60000");
	scene("ep_wait with a minute; another thread writes after 50 ms");
	expect_answer(p, "", "read 0 1");
	began = now();
	expect_answer(p, "", "later 1 50");
	expect_answer(p, "7:IN", "wait 8 60000");
	at_least(began, 50, "nothing is written before");
}

CHECK(kernel_short)
{
	scripts_check(150, 5, 15);
}

CHECK(wait_write)
{
	scene_check("wait-write");
}
