/* Three threads, and a slot that is used again. */
#include "table.h"

static uint64_t second, third;

static void one_slot(void)
{
	second = 0;
	table_begin(1, 0);
}

static void three_slots(void)
{
	second = third = 0;
	table_begin(3, 0);
}

static void closer_and_opener(void)
{
	closer();
	slots_tick(1);
	second = slot_open(6);
}

static void opener_of_7(void)
{
	second = slot_open(7);
}

static void opener_of_8(void)
{
	third = slot_open(8);
}

static void reopened(void)
{
	closed_once();
	if (second && slot_acquire(second) != 6)
		weave_fail("the new handle does not give descriptor 6");
	if (slot_acquire(first) != -1)
		weave_fail("the old handle still gives a descriptor");
}

static void apart(void)
{
	closed_once();
	if (!second || !third)
		weave_fail("slot_open found no slot, but two of three are free");
	if ((uint32_t)second == (uint32_t)third || (uint32_t)second == (uint32_t)first ||
	    (uint32_t)third == (uint32_t)first)
		weave_fail("one slot was given to two clients");
	if (slot_open(9))
		weave_fail("slot_open found a fourth slot in a table of three");
	if (slots_tick(1) != 1)
		weave_fail("the closed slot did not become free");
}

SCENE(three)
{
	weave_all(&(struct weave){.setup = one_slot, .thread = {user, user, closer},
				  .name = {"a user", "a user", "the closer"}, .after = closed_once, .switches = 2});
}

SCENE(use_reopen)
{
	weave_all(&(struct weave){.setup = one_slot, .thread = {user, closer_and_opener},
				  .name = {"the user", "the closer, who opens again"}, .after = reopened, .switches = -1});
}

SCENE(lists)
{
	weave_all(&(struct weave){.setup = three_slots, .thread = {closer, opener_of_7, opener_of_8},
				  .name = {"the closer", "an opener", "an opener"}, .after = apart, .switches = 2});
}
