/* The checks of lab 6 that students see. */
#include "bank.h"
#include "kernel.h"

#include <signal.h>

CHECK(starts)
{
	struct program *p = bank("atomic");

	expect_workers(p, NULL, 0);
	program_stop(p);
}

CHECK(try)
{
	scene_check("try");
}

CHECK(adds_up)
{
	scene_check("adds-up");
}

CHECK(owner_died)
{
	scene_check("owner-died");
}

CHECK(foreign)
{
	scene_check("foreign");
}

CHECK(abandoned)
{
	scene_check("abandoned");
}

CHECK(undo)
{
	scene_check("undo");
}

CHECK(asleep)
{
	scene_check("asleep");
}

/* One is killed with the lock, then three at the same time: one SIGCHLD for all of them. */
static void respawn(const char *kind)
{
	struct program *p = bank(kind);
	struct peer *ann = peer_connect(p, "ann");
	pid_t dead[16], held;

	peer_say(ann, "%s 0 1 5\n", variant_text("MOVE"));
	peer_expect(ann, "OK");
	held = hold(p, ann);
	step("kill -9 %d, which holds the lock", held);
	kill(held, SIGKILL);
	peer_expect_closed(ann);
	dead[0] = held;
	expect_workers(p, dead, 1);
	expect_sum(p, "bob");
	workers(p, dead);
	step("kill -9 %d %d %d, all at once", dead[0], dead[1], dead[2]);
	kill(program_pid(p), SIGSTOP); /* one SIGCHLD stands for three deaths */
	for (int i = 0; i < 3; i++)
		kill(dead[i], SIGKILL);
	kill(program_pid(p), SIGCONT);
	expect_workers(p, dead, 3);
	expect_sum(p, "carl");
	program_stop(p);
}

CHECK(respawn)
{
	respawn("atomic");
	respawn("semaphore");
	respawn("file");
}
