/* The checks of lab 5 that students do not see. */
#include "flow.h"
#include "kernel.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

CHECK(one_byte)
{
	struct session s = session_open_small(relay_start());
	struct flow f = {s.client, s.target, 0, 0, 0};

	flow_fill(&f);
	scene("the target reads 3,000 bytes, one at a time; the client fills up");
	f.total = (size_t)256 << 20;
	for (int i = 0; i < 3000; i++) {
		flow_take(&f, 1);
		flow_send(&f);
	}
	f.total = f.sent;
	flow_finish(&f);
}

CHECK(both_full)
{
	struct session s = session_open_small(relay_start());
	struct flow f[2] = {{s.client, s.target, 0, 0, 0}, {s.target, s.client, 0, 0, 0}};

	scene("both directions are full; then both peers read");
	flow_fill(&f[0]);
	flow_fill(&f[1]);
	flows_run(f, 2);
	scene("full again, and one end of file behind it");
	flow_fill(&f[0]);
	peer_shutdown(s.client);
	flow_finish(&f[0]);
	peer_expect_end(s.target);
}

/* Two processes of ours, so that there is always something to carry: one sends, one reads. */
static pid_t flow_for_ever(struct flow *f, bool sends)
{
	pid_t child = fork();

	if (child != 0)
		return child;
	for (;;) {
		char bytes[65536];

		if (sends ? flow_send(f) == 0 : read(f->to->fd, bytes, sizeof bytes) <= 0)
			nap();
	}
}

CHECK(fair)
{
	struct program *relay = relay_start();
	struct session flowing = session_open(relay), s = session_open(relay);
	struct flow f = {flowing.client, flowing.target, 0, 0, (size_t)1 << 40};
	pid_t sender = flow_for_ever(&f, true), reader = flow_for_ever(&f, false);

	scene("one session has something to carry all the time; another one makes 20 round trips");
	for (int i = 1; i <= 20; i++) {
		peer_say(s.client, "ping %d\n", i);
		peer_expect(s.target, "ping %d", i);
		peer_say(s.target, "pong %d\n", i);
		peer_expect(s.client, "pong %d", i);
	}
	kill(sender, SIGKILL);
	kill(reader, SIGKILL);
}

CHECK(at_rest)
{
	struct program *relay = relay_start();
	pid_t pid = program_pid(relay);
	double began, cpu;

	scene("three sessions stand still: one full, one with an end of file, one silent");
	for (int i = 0; i < 3; i++) {
		struct session s = session_open_small(relay);
		struct flow f = {s.client, s.target, 0, 0, 0};

		if (i == 0)
			flow_fill(&f);
		if (i == 1) {
			peer_say(s.client, "the last line\n");
			peer_shutdown(s.client);
			peer_expect(s.target, "the last line");
			peer_expect_end(s.target);
		}
	}
	began = now();
	cpu = process_cpu(pid);
	while (now() < began + 0.4)
		nap();
	cpu = process_cpu(pid) - cpu;
	if (cpu > 0.04) {
		should_have("a relay that sleeps: at most 40 ms of CPU time in 400 ms");
		but_it_was("%.0f ms", cpu * 1000);
	}
}

CHECK(storm)
{
	struct program *relay = relay_start();
	struct session stays = session_open(relay);
	int before;
	double until;

	peer_say(stays.client, "hello\n");
	peer_expect(stays.target, "hello");
	before = process_fds(program_pid(relay));
	for (int i = 0; i < 80; i++) {
		struct session s = session_open(relay);
		struct flow f = {s.client, s.target, 0, 0, 1 << 20};

		scene("session %d is reset", i + 1);
		for (uint64_t n = dice() % 4; n > 0; n--) {
			flow_send(&f);
			flow_take(&f, 65536);
		}
		if (i % 5 == 4)
			kill(program_pid(relay), SIGSTOP);
		if (dice() % 2)
			peer_shutdown(s.client);
		if (dice() % 3)
			peer_reset(s.client);
		else
			peer_close(s.client);
		if (dice() % 2)
			peer_reset(s.target);
		else
			peer_close(s.target);
		kill(program_pid(relay), SIGCONT);
	}
	until = deadline();
	while (process_fds(program_pid(relay)) > before && now() < until)
		nap();
	expect_number("descriptors of the relay, when all have left", before, process_fds(program_pid(relay)));
	program_stop(relay);
}

CHECK(clean)
{
	check_again("through");
	check_again("half-close");
	check_again("refused");
	check_again("reset");
	check_again("storm");
}
