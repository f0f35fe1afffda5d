/* The checks of lab 11 that students do not see. */
#include "beats.h"
#include "kernel.h"

#include <errno.h>
#include <linux/filter.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static long roll(long from, long to)
{
	return from + (long)(dice() % (unsigned long)(to - from + 1));
}

static void random_rules(struct model *m)
{
	m->least = roll(1, 500);
	m->most = m->least + roll(0, 5000);
	m->missed = roll(1, 6);
	m->percent = roll(10, 95);
	m->rate = roll(1, 100);
	m->burst = roll(1, 50);
}

CHECK(model)
{
	static const char *const kinds[] = {"ping", "pong", "say", "pong"};
	struct model m = begin(0);

	for (int r = 1; r <= 60; r++) {
		long at = roll(0, 100000);

		scene("random calls, part %d", r);
		random_rules(&m);
		begin_with(&m, at);
		for (int i = 0; i < 60; i++) {
			long what = roll(0, 9), was = at;

			at += roll(0, 3) ? roll(0, m.period / 2) : roll(0, 2 * model_limit(&m));
			if (what == 0)
				hello(&m, roll(-10, 2 * m.most));
			else if (what == 1)
				paused(&m, roll(was, at), at);
			else if (what < 5)
				packet(&m, at, kinds[roll(0, 3)], m.number - roll(0, 1));
			else
				due(&m, at);
			expect_rtt(&m);
		}
	}
}

/* The next line, after guests that are gone. */
static char *line_but_gone(struct peer *p)
{
	char *line;

	while (strncmp(line = peer_line(p), "GONE ", 5) == 0)
		continue;
	return line;
}

/*
 * ann was asked when the server stops; the answer waits in its socket, and the limit is over
 * when it goes on. bob was not asked yet, and sends nothing by himself. carl is dead.
 */
CHECK(server_stopped)
{
	for (int attempt = 0; attempt < 5; attempt++) {
		struct program *s = server();
		char probe[64];
		long limit;
		double asked;
		struct peer *carl = guest(s, "carl", 900, &limit),
			    *ann = guest(s, "ann", 900, &limit), *bob;

		scene(
		    "limit %ld ms; the server stops for two limits just when it has asked ann",
		    limit);
		peer_expect(ann, "%s 1", variant_text("PROBE"));
		asked = now();
		bob = guest(s, "bob", 900, &limit);
		step("the server is stopped");
		kill(program_pid(s), SIGSTOP);
		if (now() - asked > 0.15e-3 * (double)limit) {
			kill(program_pid(s), SIGCONT);
			program_stop(s);
			continue;
		}
		peer_say(ann, "PONG 1\n");
		for (double until = now() + 2e-3 * (double)limit; now() < until;)
			nap();
		step("the server goes on");
		kill(program_pid(s), SIGCONT);
		snprintf(probe, sizeof probe, "%s 1", variant_text("PROBE"));
		expect_text("the next line of bob", probe, line_but_gone(bob));
		peer_say(bob, "PONG 1\n");
		wait_gone(bob, guest_number(carl), "silent");
		peer_say(ann, "SAY alive\n");
		for (char *line; strcmp(line = guest_line(bob), "GONE 1 silent") == 0;)
			continue;
		return;
	}
	judge_broke("the judge was late five times");
}

/* From now on, all that comes to ann is thrown away by her kernel, as if the cable was pulled.
 */
static void mute(struct peer *p)
{
	struct sock_filter nothing = {.code = BPF_RET | BPF_K, .k = 0};
	struct sock_fprog program = {.len = 1, .filter = &nothing};

	if (setsockopt(p->fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) < 0)
		not_here("SO_ATTACH_FILTER: %s", strerror(errno));
}

CHECK(cable)
{
	struct program *s = server();
	long limit, none;
	struct peer *ann, *bob = guest(s, "bob", 10000, &none);
	double began = now();

	ann = guest(s, "ann", 600, &limit);
	mute(ann);
	scene("ann's cable is pulled; the limit is %ld ms", limit);
	wait_gone(bob, guest_number(ann), "silent");
	at_least(began, (double)limit, "the server drops ann");
	guest_ping(bob, 0, "");
}

static void read_numbers(struct peer *p, long *set, long *came)
{
	peer_say(p, "NUMBERS\n");
	if (sscanf(guest_line(p), "NUMBERS %ld %ld", set, came) != 2)
		judge_broke("the server does not say its numbers");
}

CHECK(wakes)
{
	struct program *s = server();
	long limit, set, came, set_later, came_later, n = variant("BURST") - 5;
	struct peer *ann = guest(s, "ann", 8000, &limit);

	read_numbers(ann, &set, &came);
	scene("%ld packets of ann, whose limit is %ld ms", n, limit);
	for (int i = 0; i < n; i++)
		guest_ping(ann, 0, "");
	read_numbers(ann, &set_later, &came_later);
	if (set_later - set > 2 + came_later - came) {
		should_have("no timer set by a packet");
		but_it_was("%ld timers set by %ld packets", set_later - set, n);
	}
	scene("ann with the limit %ld ms pings for three limits",
	      limit = 600 / variant("MISSED") * variant("MISSED"));
	peer_say(ann, "HELLO %ld\n", 600 / variant("MISSED"));
	while (strncmp(guest_line(ann), "PONG", 4) == 0)
		continue;
	read_numbers(ann, &set, &came);
	for (double until = now() + 3e-3 * (double)limit; now() < until;) {
		for (int i = 0; i < 40; i++)
			nap();
		guest_ping(ann, 0, "");
	}
	read_numbers(ann, &set_later, &came_later);
	if (came_later - came > 24) {
		should_have("at most 24 timers in three limits");
		but_it_was("%ld", came_later - came);
	}
}

CHECK(other_numbers)
{
	check_again("serves");
	check_again("silent-at");
}

CHECK(clean)
{
	check_again("serves");
	check_again("pong");
}
