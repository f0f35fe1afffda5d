/* The checks of lab 6 that students do not see. */
#include "bank.h"
#include "kernel.h"

#include <signal.h>

CHECK(every_instant)
{
	scene_check("every-instant");
}

CHECK(two_at_once)
{
	scene_check("two-at-once");
}

CHECK(waiter_killed)
{
	scene_check("waiter-killed");
}

static void storm(const char *kind, int kills)
{
	static const char *const names[] = {"ann", "bob", "carl"};
	struct program *p = bank(kind);
	pid_t list[16];

	for (int i = 0; i < kills; i++) {
		struct peer *peers[3];

		for (int k = 0; k < 3; k++) {
			peers[k] = peer_connect(p, names[k]);
			peer_say(peers[k], "STIR 100000000\n");
			peer_was_read(peers[k]); /* or a later worker would read it */
		}
		for (unsigned long t = dice() % 3; t > 0; t--)
			nap();
		for (int k = 0, n = workers(p, list); k < n; k++)
			kill(list[k], SIGKILL);
		step("all workers are killed");
		expect_workers(p, list, WORKERS);
		for (int k = 0; k < 3; k++)
			peer_close(peers[k]);
	}
	expect_sum(p, "dora");
	program_stop(p);
}

CHECK(kill_storm)
{
	storm("atomic", 8);
	storm("semaphore", 8);
	storm("file", 4);
}

CHECK(other_numbers)
{
	check_again("try");
	check_again("respawn");
}

CHECK(clean)
{
	check_again("respawn");
}
