/* The checks of lab 7 that students do not see. */
#include "memory.h"

#include <stdio.h>
#include <string.h>

enum { SLOTS = 300 };

static struct {
	unsigned long at, n;
} slots[SLOTS];
static long in_use;

static long small_bytes(unsigned long n)
{
	return (long)n > largest() ? 0 : class_size(n);
}

static void random_get(struct program *p, int id)
{
	unsigned long n = dice() % 8 ? dice() % ((unsigned long)largest() + 1) : dice() % 3000;

	slots[id].n = n;
	slots[id].at = get(p, id + 1, n);
	if (!slots[id].at)
		return;
	expect_apart(slots[id].at, n, (unsigned long)((long)n > largest() ? 16 : step_size()));
	in_use += small_bytes(n);
}

static void slot_put(struct program *p, int id)
{
	order(p, "put %d", id + 1);
	apart_forget(slots[id].at);
	in_use -= small_bytes(slots[id].n);
	slots[id].at = 0;
}

static void random_calls(struct program *p, int count)
{
	for (int i = 0; i < count; i++) {
		int id = (int)(dice() % SLOTS);

		scene("call %d of a random script", i + 1);
		if (slots[id].at)
			slot_put(p, id);
		else
			random_get(p, id);
	}
}

static void put_all(struct program *p)
{
	for (int id = 0; id < SLOTS; id++)
		if (slots[id].at)
			slot_put(p, id);
}

CHECK(shadow)
{
	struct program *p = puppet();
	struct numbers m = {0};

	scene("the numbers of 500 blocks of random sizes");
	for (int i = 1; i <= 500; i++) {
		unsigned long n = dice() % ((unsigned long)largest() + 1);

		get(p, 1000 + i, n);
		model_get(&m, n);
		in_use += class_size(n);
		if (i % 10 == 0)
			expect_numbers(p, &m);
	}
	for (int i = 0; i < 100; i++) {
		random_calls(p, 80);
		expect_balance(p, in_use);
	}
}

CHECK(fail_each)
{
	static const unsigned long huge[] = {-1UL, -2UL, -15UL, -16UL, -17UL, -33UL, -4096UL, -1UL / 2, -1UL / 2 + 1};
	struct system_state s;
	struct program *p = puppet();

	for (int k = 0; k < 60; k++) {
		scene("request %d to the system is refused, then three more", k + 1);
		order(p, "refuse %d 3", k % 12);
		random_calls(p, 60);
		order(p, "refuse 0 0");
		order(p, "pool 1");
		order(p, "refuse %d 2", k % 5);
		for (int i = 0; i < 12; i++)
			piece(p, 2000 + i, 1, dice() % 3000);
		order(p, "destroy 1");
		order(p, "refuse 0 0");
		expect_balance(p, in_use);
	}
	put_all(p);
	trim(p);
	read_system(p, &s);
	expect_number("areas that are taken, when all was put back", 0, s.areas);
	order(p, "pool 1");
	for (size_t i = 0; i < sizeof huge / sizeof *huge; i++) {
		scene("%lu bytes: more than there can be", huge[i]);
		if (get(p, 1, huge[i]) || piece(p, 2, 1, huge[i])) {
			should_have("NULL");
			but_it_was("an address");
		}
	}
	order(p, "destroy 1");
	scene("pool_create, and the system refuses");
	order(p, "refuse 0 1000");
	tell(p, "pool 3");
	expect_text("what the puppet says of pool_create", "none", heard(p));
	heard_nothing(p);
}

CHECK(trim_model)
{
	struct program *p = puppet();
	struct system_state s;

	for (int round = 0; round < 20; round++) {
		int keep = (int)(dice() % 6), kept = 0, large = 0;

		random_calls(p, 200);
		for (int id = 0; id < SLOTS; id++)
			if (slots[id].at && (kept == keep || dice() % 4))
				slot_put(p, id);
			else
				kept += slots[id].at != 0;
		scene("%d blocks are in use, then small_trim", kept);
		for (int id = 0; id < SLOTS; id++)
			large += slots[id].at && (long)slots[id].n > largest();
		trim(p);
		expect_balance(p, in_use);
		read_system(p, &s);
		if (s.areas > kept) {
			should_have("at most %d areas: each block in use keeps one", kept);
			but_it_was("%ld", s.areas);
		}
		if (s.areas < large)
			judge_broke("fewer areas than large blocks");
		expect_number("what a second small_trim returns", 0, trim(p));
	}
}

/* ---- pools ------------------------------------------------------------------------------- */

enum { DEEP = 12, TAGS = 2000 };

/* A pool and its marks as a stack of what was done: tags of cleanups, and marks. */
static int done[TAGS], done_count; /* > 0: a cleanup's tag; < 0: a mark's number */

static void expect_back(struct program *p, const char *command, int until)
{
	char *line;

	step("%s", command);
	tell(p, "%s", command);
	while ((line = heard(p))) {
		int tag = 0;

		while (done_count > until && done[done_count - 1] < 0)
			done_count--;
		if (done_count == until || sscanf(line, "ran %d", &tag) != 1 || tag != done[done_count - 1]) {
			should_have("cleanup %d next", done_count > until ? done[done_count - 1] : 0);
			but_it_was("%s", line);
		}
		done_count--;
	}
	while (done_count > until && done[done_count - 1] < 0)
		done_count--;
	if (done_count > until) {
		should_have("cleanup %d", done[done_count - 1]);
		but_it_was("not called");
	}
}

CHECK(pool_model)
{
	struct program *p = puppet();
	struct system_state s;

	for (int round = 0; round < 20; round++) {
		int marks = 0, places[DEEP];

		scene("random script %d", round + 1);
		done_count = 0;
		order(p, "pool 1");
		for (int i = 1; i <= 150; i++) {
			int what = (int)(dice() % 10);

			if (what < 4)
				piece(p, i, 1, dice() % (what ? 200 : 6000));
			else if (what < 8) {
				order(p, "cleanup 1 %d", i);
				done[done_count++] = i;
			} else if (what == 8 && marks < DEEP) {
				order(p, "mark %d 1", marks);
				places[marks++] = done_count;
			} else if (marks > 0) {
				char command[32];

				marks = (int)(dice() % (unsigned long)marks);
				snprintf(command, sizeof command, "back 1 %d", marks);
				expect_back(p, command, places[marks]);
				marks++; /* a mark may be used again */
			}
		}
		expect_back(p, "destroy 1", 0);
	}
	read_system(p, &s);
	expect_number("areas that are taken, when all pools are gone", 0, s.areas);
}

CHECK(other_numbers)
{
	check_again("donate");
	check_again("mark");
}

CHECK(clean)
{
	check_again("mark");
	check_again("children");
	check_again("from-larger");
}
