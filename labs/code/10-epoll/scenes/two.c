/* A waiter and a writer, in every order. */
#include "pairs.h"

static void level(void)
{
	begin();
	control(EP_ADD, 0, EP_IN);
}

static void edge(void)
{
	begin();
	control(EP_ADD, 0, EP_IN | EP_ET);
}

static void stays(void)
{
	if (got[0] != 1)
		weave_fail("the waiter had %d events, not 1", got[0]);
	if (look(4, 0) != 1 || look(4, 0) != 1)
		weave_fail("a level was not reported again");
	finish();
}

static void once(void)
{
	if (got[0] != 1)
		weave_fail("the waiter had %d events, not 1", got[0]);
	if (look(4, 0) != 0)
		weave_fail("an edge was reported twice");
	finish();
}

SCENE(wait_write)
{
	weave_all(&(struct weave){.setup = level,
				  .thread = {waiter, writer},
				  .name = {"the waiter", "the writer"},
				  .after = stays,
				  .switches = 3});
	weave_all(&(struct weave){.setup = edge,
				  .thread = {waiter, writer},
				  .name = {"the waiter", "the writer"},
				  .after = once,
				  .switches = 3});
}
