/* Two threads in every order. */
#include "table.h"

static void one_slot(void)
{
	table_begin(1, 0);
}

SCENE(close_close)
{
	weave_all(&(struct weave){.setup = one_slot, .thread = {closer, closer}, .name = {"a closer", "a closer"},
				  .after = closed_once, .switches = -1});
}

SCENE(use_close)
{
	weave_all(&(struct weave){.setup = one_slot, .thread = {user, closer}, .name = {"the user", "the closer"},
				  .after = closed_once, .switches = -1});
}
