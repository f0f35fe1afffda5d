/* The checks of lab 10 that students do not see. */
#include "answers.h"
#include "kernel.h"

CHECK(kernel_long)
{
	scripts_check(100, 40, 60);
}

CHECK(add_mod_write)
{
	scene_check("add-mod-write");
}

CHECK(two_waiters)
{
	scene_check("two-waiters");
}

CHECK(del_write)
{
	struct program *p = puppet();

	expect_answer(p, "sockets 0 1", "pair");
	expect_answer(p, "ok", "add 0 IN 1");
	expect_answer(p, "1", "hooks 0");
	expect_answer(p, "ok", "del 0");
	expect_answer(p, "0", "hooks 0");
	scene_check("del-write");
}

/* The CPU time of the puppet for a command, in seconds. */
static double cost(struct program *p, const char *answer, const char *command)
{
	double before = process_cpu(program_pid(p));

	expect_answer(p, answer, "%s", command);
	return process_cpu(program_pid(p)) - before;
}

static void compare(const char *what, double few, double many)
{
	if (many < 5 * few || many < 0.005)
		return;
	should_have("%s with 8000 sockets at the price with 500, or up to 5 times as much",
		    what);
	but_it_was("%.0f times as much", many / few);
}

CHECK(cost)
{
	struct program *p = puppet();
	double few, many;

	scene("16 times 500 sockets, and once 8000: ADD, and DEL");
	expect_answer(p, "", "pairs 8000");
	expect_answer(p, "", "churn 8000 1");
	few = cost(p, "", "churn 500 16");
	many = cost(p, "", "churn 8000 1");
	compare("ADD and DEL", few, many);
	scene("one of 500 sockets is ready, or one of 8000: ep_wait");
	expect_answer(p, "", "watch 500");
	few = cost(p, "2000", "waits 2000");
	expect_answer(p, "", "watch 8000");
	many = cost(p, "2000", "waits 2000");
	compare("ep_wait", few, many);
}

CHECK(other_numbers)
{
	check_again("edge");
	check_again("hup");
}

CHECK(clean)
{
	check_again("del-queued");
	check_again("oneshot");
}
