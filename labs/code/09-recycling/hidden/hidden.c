/* The checks of lab 9 that students do not see. */
#include "table.h"

#include <stdio.h>

CHECK(three)
{
	scene_check("three");
}

CHECK(use_reopen)
{
	scene_check("use-reopen");
}

CHECK(lists)
{
	scene_check("lists");
}

CHECK(wrap)
{
	struct program *p = puppet();
	long most = variant("GENERATION_MOST"), time = 0;

	for (int i = 1; i < variant("SLOTS"); i++)
		open_slot(p, 10 + i);
	for (long generation = 1; generation <= most + 1; generation++) {
		unsigned long handle;

		scene("client %ld of one slot; GENERATION_MOST is %ld", generation, most);
		handle = open_slot(p, 5);
		expect_number("the generation", generation > most ? 1 : generation, (long)(handle >> 32));
		expect_answer(p, "shutdown 5 close 5 true", "close 0x%lx", handle);
		expect_answer(p, "freed 1", "tick %ld", time += variant("PARK_MS"));
	}
}

CHECK(model)
{
	struct program *p = puppet();
	struct { unsigned long handle; int pins; long due; } slots[64] = {0}; /* due: 0: not parked */
	int n = (int)variant("SLOTS");
	long time = 0;

	for (int i = 0; i < 1500; i++) {
		int k = (int)(dice() % (unsigned long)n), fd = 10 + k, what = (int)(dice() % 5), due = 0;
		char answer[64];

		scene("call %d of a random script", i + 1);
		if (what == 0) {
			time += (long)(dice() % 40);
			for (int s = 0; s < n; s++)
				if (slots[s].due && slots[s].due <= time) {
					slots[s].handle = 0;
					slots[s].due = 0;
					due++;
				}
			snprintf(answer, sizeof answer, "freed %d", due);
			expect_answer(p, answer, "tick %ld", time);
		} else if (!slots[k].handle) {
			slots[k].handle = open_slot(p, fd);
			slots[k].pins = 1;
		} else if (what == 1 && !slots[k].due) {
			snprintf(answer, sizeof answer, "descriptor %d", slots[k].pins < 100 ? fd : -1);
			expect_answer(p, answer, "acquire 0x%lx", slots[k].handle);
			slots[k].pins += slots[k].pins < 100;
		} else if (what == 2 && !slots[k].due && slots[k].pins % 100 > (slots[k].pins < 100)) {
			slots[k].pins--; /* 100 more: it is closing */
			if (slots[k].pins == 100)
				slots[k].due = time + variant("PARK_MS");
			snprintf(answer, sizeof answer, slots[k].due ? "close %d" : "", fd);
			expect_answer(p, answer, "release 0x%lx", slots[k].handle);
		} else if (what == 3 && !slots[k].due && slots[k].pins < 100) {
			slots[k].pins += 99;
			if (slots[k].pins == 100)
				slots[k].due = time + variant("PARK_MS");
			snprintf(answer, sizeof answer, slots[k].due ? "shutdown %d close %d true" : "shutdown %d true", fd, fd);
			expect_answer(p, answer, "close 0x%lx", slots[k].handle);
		}
	}
}

CHECK(other_numbers)
{
	check_again("park");
	check_again("wrap");
}

CHECK(clean)
{
	check_again("stale");
	check_again("pins");
}
