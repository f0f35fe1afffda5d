/* Three threads: one changes what is watched, or two wait. */
#include "pairs.h"

static void waiter_of_one(void)
{
	got[0] += look(1, -1);
}

static void second_waiter_of_one(void)
{
	got[1] += look(1, -1);
}

static void second_waiter(void)
{
	got[1] += look(4, -1);
}

static void waiter_for_50_ms(void)
{
	got[0] += look(4, 50);
}

static void waiter_for_60_ms(void)
{
	got[1] += look(4, 60);
}

static void adder(void)
{
	control(EP_ADD, 0, EP_IN | EP_ET);
}

static void changer(void)
{
	control(EP_MOD, 0, EP_IN | EP_ET);
}

static void remover(void)
{
	control(EP_DEL, 0, 0);
}

static void writer_of_both(void)
{
	writer();
	sim_write(3, 1);
}

static void edge(void)
{
	begin();
	control(EP_ADD, 0, EP_IN | EP_ET);
}

static void asleep(void)
{
	begin();
	control(EP_ADD, 0, 0);
}

static void level(void)
{
	begin();
	control(EP_ADD, 0, EP_IN);
}

static void one_shot(void)
{
	begin();
	control(EP_ADD, 0, EP_IN | EP_ONESHOT);
}

static void two_edges(void)
{
	edge();
	control(EP_ADD, 1, EP_IN | EP_ET);
}

static void one_came(void)
{
	if (got[0] != 1)
		weave_fail("the waiter had %d events, not 1", got[0]);
	finish();
}

static void one_of_them(void)
{
	if (got[0] + got[1] != 1)
		weave_fail("one event was for one of the waiters, but they had %d and %d",
			   got[0], got[1]);
	finish();
}

static void each_one(void)
{
	if (got[0] != 1 || got[1] != 1)
		weave_fail("each of the waiters should have one event, but they had %d and %d",
			   got[0], got[1]);
	finish();
}

static void gone(void)
{
	if (look(4, 0) != 0)
		weave_fail("a socket that was taken out was reported");
	finish();
}

/* The second socket is still watched when finish calls ep_close. */
static void other_stays(void)
{
	if (got[0] + look(4, 0) == 0)
		weave_fail("the socket that stays was not reported");
	finish();
}

static void three(void (*setup)(void), void (*a)(void), const char *a_name, void (*b)(void),
		  const char *b_name, void (*c)(void), void (*after)(void))
{
	weave_all(&(struct weave){.setup = setup,
				  .thread = {a, b, c},
				  .name = {a_name, b_name, "the writer"},
				  .after = after,
				  .switches = 2});
}

SCENE(add_mod_write)
{
	three(begin, waiter, "the waiter", adder, "the thread that adds", writer, one_came);
	three(asleep, waiter, "the waiter", changer, "the thread that changes", writer,
	      one_came);
	three(edge, waiter, "the waiter", changer, "the thread that changes", writer, one_came);
}

SCENE(two_waiters)
{
	three(edge, waiter_for_50_ms, "a waiter", waiter_for_60_ms, "a waiter", writer,
	      one_of_them);
	three(one_shot, waiter_for_50_ms, "a waiter", waiter_for_60_ms, "a waiter", writer,
	      one_of_them);
	three(level, waiter, "a waiter", second_waiter, "a waiter", writer, each_one);
	three(two_edges, waiter_of_one, "a waiter", second_waiter_of_one, "a waiter",
	      writer_of_both, each_one);
}

SCENE(del_write)
{
	three(edge, waiter_for_50_ms, "the waiter", remover, "the thread that takes out",
	      writer, gone);
	three(level, waiter_for_50_ms, "the waiter", remover, "the thread that takes out",
	      writer, gone);
	three(two_edges, waiter_for_50_ms, "the waiter", remover, "the thread that takes out",
	      writer_of_both, other_stays);
}
