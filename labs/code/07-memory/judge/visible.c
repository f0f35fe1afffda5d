/* The checks of lab 7 that students see. */
#include "memory.h"

#include <stdio.h>
#include <string.h>

static void must(unsigned long at)
{
	if (at)
		return;
	should_have("an address");
	but_it_was("NULL, although the system refuses nothing");
}

static void numbers_after(struct program *p, struct numbers *m, int id, unsigned long n)
{
	must(get(p, id, n));
	model_get(m, n);
	expect_numbers(p, m);
}

CHECK(starts)
{
	struct program *p = puppet();
	struct numbers n;

	read_numbers(p, &n);
	program_end(p);
}

/* After "get N", BATCH - 1 blocks of N's size are free: so the size is known. */
static void expect_list(unsigned long n)
{
	struct program *p = puppet();
	struct numbers m = {0};

	scene("a new program");
	numbers_after(p, &m, 1, n);
	program_end(p);
}

CHECK(sizes)
{
	unsigned long s = (unsigned long)step_size(), most = (unsigned long)largest();
	const unsigned long sizes[] = {1, 0, s - 1, s, s + 1, 3 * s, most - 1, most};
	struct system_state before, after;
	struct program *p;

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		expect_list(sizes[i]);
	p = puppet();
	scene("a block of LARGEST + 1 = %lu bytes", most + 1);
	read_system(p, &before);
	must(get(p, 1, most + 1));
	read_system(p, &after);
	expect_number("requests to the system", before.takes + 1, after.takes);
	expect_numbers(p, &(struct numbers){0});
	order(p, "put 1");
	read_system(p, &after);
	expect_number("areas that are taken", before.areas, after.areas);
	scene("forty blocks of %lu bytes", s + 1);
	for (int i = 1; i <= 40; i++) {
		unsigned long at = get(p, i, s + 1);

		must(at);
		expect_apart(at, s + 1, s);
	}
	for (int i = 1; i <= 40; i++)
		order(p, "put %d", i);
}

CHECK(lifo)
{
	struct program *p = puppet();
	unsigned long a = get(p, 1, 40), b = get(p, 2, 40);

	must(a), must(b);
	order(p, "put 1");
	order(p, "put 2");
	if (get(p, 3, 40) != b || get(p, 4, 40) != a) {
		should_have("first block 2's address, then block 1's: the last one put is the next one");
		but_it_was("another order");
	}
}

CHECK(example)
{
	struct program *p = puppet();
	struct numbers m = {0};

	scene("the example of the README");
	numbers_after(p, &m, 1, 32);
	numbers_after(p, &m, 2, 64);
	numbers_after(p, &m, 3, 96);
	order(p, "put 1");
	model_put(&m, 32);
	expect_numbers(p, &m);
	numbers_after(p, &m, 4, 32);
	for (int i = 5; i < 5 + 3 * batch(); i++)
		numbers_after(p, &m, i, 96);
}

/* Sizes that leave a rest: whatever STEP, LARGEST and BATCH are. */
CHECK(donate)
{
	struct program *p = puppet();
	struct numbers m = {0};
	int rests = 0, id = 0;

	for (long size = step_size(); size <= largest() && id < 300; size += step_size()) {
		scene("blocks of %ld bytes, until the reserve is empty", size);
		for (int i = 0; i < 2 * batch() && id < 1000; i++) {
			rests += m.reserve > 0 && m.reserve < size && m.free[size / step_size() - 1] == 0;
			numbers_after(p, &m, ++id, (unsigned long)size);
		}
	}
	if (rests == 0)
		judge_broke("no rest was left with this variant");
}

CHECK(from_larger)
{
	struct program *p = puppet();
	struct numbers m = {0}, was;
	long s = step_size();
	unsigned long at;

	scene("free blocks of LARGEST and of 4 * STEP, none of 3 * STEP, and a system that refuses");
	must(get(p, 1, (unsigned long)largest()));
	must(get(p, 2, (unsigned long)(4 * s)));
	for (int i = 3;; i++) { /* the reserve and the list of this size are used up */
		read_numbers(p, &was);
		if (was.free[2] == 0 && was.reserve < 3 * s)
			break;
		must(get(p, i, (unsigned long)(3 * s)));
		if (i > 2000)
			judge_broke("the list of %ld bytes does not become empty", 3 * s);
	}
	order(p, "put 1");
	order(p, "refuse 0 1");
	read_numbers(p, &was);
	m = was;
	at = get(p, 3001, (unsigned long)(3 * s));
	must(at);
	/* the rest of the reserve is donated first; then the first larger list with a block gives one */
	if (m.reserve > 0)
		m.free[m.reserve / s - 1]++;
	for (long i = 3; i < largest() / s; i++)
		if (m.free[i] > 0) {
			long count;

			m.free[i]--;
			m.reserve = (i + 1) * s;
			count = m.reserve / (3 * s) < batch() ? m.reserve / (3 * s) : batch();
			m.reserve -= count * 3 * s;
			m.free[2] += count - 1;
			break;
		}
	expect_numbers(p, &m);
	order(p, "check 2");
	scene("no larger block, and a system that refuses");
	order(p, "refuse 0 1000000");
	for (int i = 4000;; i++) {
		if (!get(p, i, (unsigned long)largest()))
			break;
		if (i > 6000)
			judge_broke("there is always one block more");
	}
	read_numbers(p, &m);
	expect_number("the heap (bytes)", was.heap, m.heap);
	order(p, "refuse 0 0");
	must(get(p, 3002, (unsigned long)largest()));
}

static void handler_is(struct program *p, int yes, int block)
{
	step("small_on_empty(a handler that says yes %d times%s)", yes, block ? ", and puts a block" : "");
	tell(p, "handler %d %d", yes, block);
	while (heard(p))
		continue;
}

static void expect_asked(int times, unsigned long n)
{
	expect_number("calls of the handler", times, times_asked);
	if (times > 0)
		expect_number("the size that the handler is told", (long)n, (long)last_asked);
}

CHECK(handler)
{
	struct program *p = puppet();
	unsigned long sizes[] = {24, (unsigned long)largest() + 100};
	int tries = (int)variant("TRIES");
	char *line;

	for (int i = 0; i < 2; i++) {
		unsigned long n = sizes[i];

		scene("%lu bytes, the system refuses, no handler", n);
		handler_is(p, -1, 0);
		order(p, "refuse 0 1000000");
		if (get(p, 1, n)) {
			should_have("NULL");
			but_it_was("an address");
		}
		scene("%lu bytes, the system refuses; a handler that says yes for ever; TRIES is %d", n, tries);
		handler_is(p, 1000000, 0);
		if (get(p, 1, n)) {
			should_have("NULL");
			but_it_was("an address");
		}
		expect_asked(tries, n);
		scene("%lu bytes; a handler that says no", n);
		handler_is(p, 0, 0);
		get(p, 1, n);
		expect_asked(1, n);
		scene("%lu bytes; the system refuses once, a handler that says yes", n);
		handler_is(p, 1, 0);
		order(p, "refuse 0 1");
		must(get(p, 2, n));
		expect_asked(1, n);
		order(p, "put 2");
	}
	scene("the handler puts a block of the size that is wanted");
	for (int i = 10; i < 10 + 3 * batch(); i++)
		must(get(p, i, (unsigned long)largest()));
	order(p, "refuse 0 1000000");
	for (int i = 1000; get(p, i, (unsigned long)largest()); i++)
		if (i > 3000)
			judge_broke("there is always one block more");
	handler_is(p, 1, 10);
	must(get(p, 4000, (unsigned long)largest()));
	expect_asked(1, (unsigned long)largest());
	scene("small_on_empty returns the handler before");
	tell(p, "handler -1");
	line = heard(p);
	expect_text("the handler before", "before handler", line ? line : "nothing");
	heard_nothing(p);
	scene("small_on_empty(NULL): no handler any more");
	get(p, 4001, (unsigned long)largest());
	expect_asked(0, 0);
}

CHECK(pool)
{
	enum { MANY = 4000 };
	long block = variant("POOL_BLOCK");
	const long sizes[] = {0, 1, 15, 16, 17, 100, block / 2, block - 64, block - 17, block - 16, block - 15,
			      block - 1, block, block + 1, 2 * block, 10 * block, 1};
	struct system_state before, now_is;
	struct program *p = puppet();
	int id = 0;

	read_system(p, &before);
	scene("one pool; POOL_BLOCK is %ld", block);
	order(p, "pool 1");
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		unsigned long at = piece(p, ++id, 1, (unsigned long)sizes[i]);

		must(at);
		expect_apart(at, (unsigned long)sizes[i], 16);
	}
	for (int i = 1; i <= id; i++)
		order(p, "check %d", i);
	order(p, "destroy 1");
	read_system(p, &now_is);
	expect_number("areas that are taken, when the pool is gone", before.areas, now_is.areas);
	scene("%d pieces of 1 to 64 bytes", MANY);
	apart_reset();
	read_system(p, &before);
	order(p, "pool 1");
	for (int i = 1; i <= MANY; i++)
		must(piece(p, i, 1, 1 + (unsigned long)i % 64));
	for (int i = 1; i <= MANY; i++)
		order(p, "check %d", i);
	read_system(p, &now_is);
	/* 40 bytes each, with the rounding; a quarter more is for headers and tails */
	if (now_is.bytes - before.bytes > MANY * 50) {
		should_have("at most %d bytes taken for pieces of %d bytes", MANY * 50, MANY * 40);
		but_it_was("%ld", now_is.bytes - before.bytes);
	}
	order(p, "destroy 1");
	read_system(p, &now_is);
	expect_number("areas that are taken, when the pool is gone", before.areas, now_is.areas);
}

/* Runs a command and compares the tags of the cleanups that ran, as "3 2 1". */
static void expect_ran(struct program *p, const char *command, const char *wanted)
{
	char ran[256] = "";
	unsigned long tag;
	char *line;

	step("%s", command);
	tell(p, "%s", command);
	while ((line = heard(p)))
		if (sscanf(line, "ran %lu", &tag) == 1 && strlen(ran) < sizeof ran - 20)
			snprintf(ran + strlen(ran), 20, "%s%lu", *ran ? " " : "", tag);
	expect_text("cleanups that ran", wanted, ran);
}

CHECK(mark)
{
	long block = variant("POOL_BLOCK");
	struct system_state at_mark, after;
	struct program *p = puppet();

	scene("a pool; older pieces and cleanups; a mark; younger ones; back");
	order(p, "pool 1");
	must(piece(p, 1, 1, 100));
	must(piece(p, 2, 1, (unsigned long)(3 * block)));
	order(p, "cleanup 1 1");
	order(p, "cleanup 1 2");
	order(p, "mark 1 1");
	read_system(p, &at_mark);
	must(piece(p, 3, 1, 200));
	order(p, "cleanup 1 3");
	must(piece(p, 4, 1, (unsigned long)(5 * block)));
	for (int i = 10; i < 60; i++)
		must(piece(p, i, 1, (unsigned long)block / 3));
	order(p, "cleanup 1 4");
	expect_ran(p, "back 1 1", "4 3");
	read_system(p, &after);
	expect_number("areas that are taken, as at the mark", at_mark.areas, after.areas);
	expect_number("bytes that are taken, as at the mark", at_mark.bytes, after.bytes);
	order(p, "check 1");
	order(p, "check 2");
	scene("the same pool: a mark inside a mark, then the end");
	must(piece(p, 3, 1, 64));
	order(p, "mark 2 1");
	order(p, "cleanup 1 5");
	order(p, "mark 3 1");
	order(p, "cleanup 1 6");
	expect_ran(p, "back 1 3", "6");
	order(p, "check 3");
	expect_ran(p, "back 1 2", "5");
	expect_ran(p, "back 1 2", "");
	order(p, "check 3");
	expect_ran(p, "destroy 1", "2 1");
	read_system(p, &after);
	expect_number("areas that are taken, when the pool is gone", 0, after.areas);
}

CHECK(children)
{
	struct system_state after;
	struct program *p = puppet();

	scene("a parent ends before its children: they end first, the newest first");
	order(p, "pool 1");
	order(p, "cleanup 1 1");
	order(p, "pool 2 1");
	order(p, "cleanup 2 2");
	order(p, "pool 3 1");
	order(p, "cleanup 3 3");
	order(p, "pool 4 2");
	order(p, "cleanup 4 4");
	must(piece(p, 1, 4, 10000));
	expect_ran(p, "destroy 1", "3 4 2 1");
	scene("children end before their parent: they do not end twice");
	order(p, "pool 1");
	order(p, "cleanup 1 1");
	order(p, "pool 2 1");
	order(p, "cleanup 2 2");
	order(p, "pool 3 1");
	order(p, "cleanup 3 3");
	order(p, "pool 4 1");
	order(p, "cleanup 4 4");
	expect_ran(p, "destroy 3", "3");
	expect_ran(p, "destroy 4", "4");
	order(p, "pool 3 1");
	order(p, "cleanup 3 5");
	expect_ran(p, "destroy 1", "5 2 1");
	scene("back to a mark: younger children end, older ones stay");
	order(p, "pool 1");
	order(p, "pool 2 1");
	order(p, "cleanup 2 2");
	order(p, "mark 1 1");
	order(p, "pool 3 1");
	order(p, "cleanup 3 3");
	expect_ran(p, "back 1 1", "3");
	must(piece(p, 1, 2, 100));
	expect_ran(p, "destroy 1", "2");
	read_system(p, &after);
	expect_number("areas that are taken, when all pools are gone", 0, after.areas);
}

/* One chunk, used up by blocks of this size; their numbers are FIRST and up. How many. */
static int fill_chunk(struct program *p, int first, long size)
{
	int n = 0;
	struct numbers is;

	do {
		must(get(p, first + n++, (unsigned long)size));
		read_numbers(p, &is);
	} while (is.free[size / step_size() - 1] > 0 || is.reserve >= size);
	return n;
}

CHECK(trim)
{
	struct program *p = puppet();
	struct numbers before, after;
	struct system_state areas, left;
	int count[3];
	long freed, size = largest();

	scene("three chunks of blocks of %ld bytes; one block of the second one stays", size);
	for (int c = 0; c < 3; c++)
		count[c] = fill_chunk(p, 1 + c * 1000, size);
	read_system(p, &areas);
	for (int c = 0; c < 3; c++)
		for (int i = c == 1; i < count[c]; i++)
			order(p, "put %d", 1 + c * 1000 + i);
	read_numbers(p, &before);
	freed = trim(p);
	read_numbers(p, &after);
	read_system(p, &left);
	expect_number("chunks that went back", 2, areas.areas - left.areas);
	expect_number("what small_trim returned, and what the heap lost", before.heap - after.heap, freed);
	expect_balance(p, size);
	order(p, "check 1001");
	scene("the memory is used again");
	for (int i = 5000; i < 5000 + 4 * batch(); i++) {
		unsigned long at = get(p, i, (unsigned long)size);

		must(at);
		expect_apart(at, (unsigned long)size, (unsigned long)step_size());
	}
	order(p, "check 1001");
	for (int i = 5000; i < 5000 + 4 * batch(); i++)
		order(p, "put %d", i);
	order(p, "put 1001");
	scene("no block is in use: all goes back");
	trim(p);
	read_numbers(p, &after);
	expect_number("the heap (bytes)", 0, after.heap);
	expect_number("the reserve (bytes)", 0, after.reserve);
	read_system(p, &left);
	expect_number("areas that are taken", 0, left.areas);
	expect_number("what the next small_trim returns", 0, trim(p));
	must(get(p, 1, 1));
}
