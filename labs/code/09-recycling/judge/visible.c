/* The checks of lab 9 that students see. */
#include "table.h"

static void expect_open(unsigned long handle)
{
	if (handle)
		return;
	should_have("a handle: a slot is free");
	but_it_was("0");
}

CHECK(starts)
{
	struct program *p = puppet();

	expect_answer(p, "freed 0", "tick 0");
	program_end(p);
}

CHECK(open_close)
{
	struct program *p = puppet();
	unsigned long handles[64];
	int n = (int)variant("SLOTS");

	scene("a table of %d slots", n);
	for (int i = 0; i < n; i++) {
		expect_open(handles[i] = open_slot(p, 10 + i));
		for (int k = 0; k < i; k++)
			if ((unsigned)handles[k] == (unsigned)handles[i]) {
				should_have("a slot that is not in use");
				but_it_was("slot %u a second time", (unsigned)handles[i]);
			}
		expect_number("the generation of a new slot", 1, (long)(handles[i] >> 32));
	}
	expect_answer(p, "handle 0x0", "open 99");
	expect_answer(p, "shutdown 10 close 10 true", "close 0x%lx", handles[0]);
	expect_answer(p, "false", "close 0x%lx", handles[0]);
	expect_answer(p, "descriptor -1", "acquire 0x%lx", handles[0]);
	expect_answer(p, "descriptor 11", "acquire 0x%lx", handles[1]);
	expect_answer(p, "false", "close 0x%lx", 1UL << 32 | 1000);
	expect_answer(p, "descriptor -1", "acquire 0x%lx", 1UL << 32 | 1000);
}

CHECK(stale)
{
	struct program *p = puppet();
	unsigned long old, new;
	int n = (int)variant("SLOTS");

	scene("a slot is closed and given to a new client; then the old handle");
	for (int i = 1; i < n; i++)
		open_slot(p, 10 + i);
	old = open_slot(p, 5);
	expect_answer(p, "shutdown 5 close 5 true", "close 0x%lx", old);
	expect_answer(p, "freed 1", "tick %ld", variant("PARK_MS"));
	new = open_slot(p, 6);
	expect_number("the slot", (long)(unsigned)old, (long)(unsigned)new);
	expect_number("the generation", 2, (long)(new >> 32));
	expect_answer(p, "descriptor -1", "acquire 0x%lx", old);
	expect_answer(p, "false", "close 0x%lx", old);
	expect_answer(p, "descriptor 6", "acquire 0x%lx", new);
}

CHECK(pins)
{
	struct program *p = puppet();
	unsigned long handle = open_slot(p, 5);

	scene("a descriptor is closed while two threads have it pinned");
	expect_answer(p, "descriptor 5", "acquire 0x%lx", handle);
	expect_answer(p, "descriptor 5", "acquire 0x%lx", handle);
	expect_answer(p, "shutdown 5 true", "close 0x%lx", handle);
	expect_answer(p, "descriptor -1", "acquire 0x%lx", handle);
	expect_answer(p, "false", "close 0x%lx", handle);
	expect_answer(p, "", "release 0x%lx", handle);
	expect_answer(p, "close 5", "release 0x%lx", handle);
	scene("pinned and released while it is open");
	handle = open_slot(p, 6);
	expect_answer(p, "descriptor 6", "acquire 0x%lx", handle);
	expect_answer(p, "", "release 0x%lx", handle);
	expect_answer(p, "shutdown 6 close 6 true", "close 0x%lx", handle);
}

CHECK(park)
{
	struct program *p = puppet();
	long ms = variant("PARK_MS");
	int n = (int)variant("SLOTS");
	unsigned long a, b;

	scene("two slots are parked at 1000 and at 1010; PARK_MS is %ld", ms);
	a = open_slot(p, 1);
	b = open_slot(p, 2);
	for (int i = 2; i < n; i++)
		open_slot(p, 10 + i);
	expect_answer(p, "freed 0", "tick 1000");
	expect_answer(p, "shutdown 2 close 2 true", "close 0x%lx", b);
	expect_answer(p, "freed 0", "tick 1010");
	expect_answer(p, "shutdown 1 close 1 true", "close 0x%lx", a);
	expect_answer(p, "freed 0", "tick %ld", 1000 + ms - 1);
	expect_answer(p, "handle 0x0", "open 3");
	expect_answer(p, "freed 1", "tick %ld", 1000 + ms);
	expect_answer(p, "freed 0", "tick %ld", 1010 + ms - 1);
	expect_number("the slot that is free first", (long)(unsigned)b, (long)(unsigned)open_slot(p, 3));
	expect_answer(p, "freed 1", "tick %ld", 1010 + ms);
	expect_number("the slot that is free next", (long)(unsigned)a, (long)(unsigned)open_slot(p, 4));
}

CHECK(close_close)
{
	scene_check("close-close");
}

CHECK(use_close)
{
	scene_check("use-close");
}
