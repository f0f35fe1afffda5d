/* The checks of lab 5 that students see. */
#include "flow.h"
#include "kernel.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

CHECK(starts)
{
	program_stop(relay_start());
}

static void both_ways(struct session s, size_t n)
{
	struct flow f[2] = {{s.client, s.target, 0, 0, n}, {s.target, s.client, 0, 0, n}};

	step("%zu bytes each way, at once", n);
	flows_run(f, 2);
}

CHECK(through)
{
	struct program *relay = relay_start();
	struct session s = session_open(relay);

	peer_say(s.client, "hello\n");
	peer_expect(s.target, "hello");
	peer_say(s.target, "hello to you\n");
	peer_expect(s.client, "hello to you");
	both_ways(s, 65536);
	session_close(s);
	s = session_open(relay);
	both_ways(s, 65536);
}

CHECK(large)
{
	both_ways(session_open(relay_start()), 8 << 20);
}

/* What has left the relay: unsent in its kernel, or unread at the target. */
static long gone(struct session s)
{
	return tcp_look(s.target->other, s.target->port).unsent + tcp_look(s.target->port, s.target->other).unread;
}

static bool goes_on(struct session s, long until)
{
	for (int looks = 0; looks < 30; looks++) {
		if (gone(s) >= until)
			return true;
		nap();
	}
	return false;
}

/* Bytes stay in the relay's own buffer, with room behind them: so it reads the end of file. */
static void end_behind_kept_bytes(struct program *relay)
{
	enum { PIECE = 8192, NEAR = 256 << 10 };
	struct session full = session_open_small(relay), s = session_open_small(relay);
	struct flow f = {full.client, full.target, 0, 0, 0};
	long room;

	scene("the target does not read; the client sends until the relay keeps some bytes, and ends");
	flow_fill(&f);
	room = gone(full);
	session_close(full);
	f = (struct flow){s.client, s.target, 0, 0, room > NEAR ? (size_t)(room - NEAR) : 0};
	do {
		f.total += PIECE;
		while (f.sent < f.total)
			flow_send(&f);
		peer_was_read(s.client);
	} while (goes_on(s, (long)f.total));
	peer_shutdown(s.client);
	flow_finish(&f);
	peer_expect_end(s.target);
	session_close(s);
}

CHECK(half_close)
{
	struct program *relay = relay_start();

	end_behind_kept_bytes(relay);

	for (int client_first = 0; client_first < 2; client_first++) {
		struct session s = session_open_small(relay);
		struct peer *first = client_first ? s.client : s.target, *second = client_first ? s.target : s.client;
		struct flow there = {first, second, 0, 0, 0}, back = {second, first, 0, 0, 1 << 20};

		scene("%s fills the relay and ends; %s reads all, sends 1 MiB and ends", first->name, second->name);
		flow_fill(&there);
		peer_shutdown(first);
		flow_finish(&there);
		peer_expect_end(second);
		flows_run(&back, 1);
		peer_close(second);
		peer_expect_end(first);
		peer_close(first);
	}
}

CHECK(refused)
{
	struct program *relay;
	struct peer *p;
	char text[16];
	int port, listener = wire_listen(&port);

	close(listener);
	snprintf(text, sizeof text, "%d", port);
	relay = server_start("relay", "0", text, NULL);
	for (int i = 1; i <= 3; i++) {
		scene("client %d; no process listens at the target's port; REFUSED_RESETS is %ld", i, variant("REFUSED_RESETS"));
		p = peer_connect(relay, "client");
		if (variant("REFUSED_RESETS"))
			expect_reset(p);
		else
			peer_expect_end(p);
		peer_close(p);
	}
	program_stop(relay);
}

CHECK(reset)
{
	struct program *relay = relay_start();

	for (int i = 0; i < 4; i++) {
		struct session s = session_open(relay);

		scene("%s resets%s", i % 2 ? "the target" : "the client", i < 2 ? "" : ", with bytes on the way");
		peer_say(s.client, "to the target\n");
		peer_expect(s.target, "to the target");
		if (i >= 2) {
			struct flow f = {s.client, s.target, 0, 0, 0};

			flow_fill(&f);
			peer_reset(s.target);
			expect_reset(s.client);
			continue;
		}
		peer_reset(i ? s.target : s.client);
		expect_reset(i ? s.client : s.target);
	}
}

CHECK(bounded)
{
	struct program *relay = relay_start();
	struct session s = session_open_small(relay);
	struct flow f = {s.client, s.target, 0, 0, 0};
	long before, after;

	peer_say(s.client, "first\n");
	peer_expect(s.target, "first");
	before = process_number(program_pid(relay), "VmRSS");
	flow_fill(&f);
	after = process_number(program_pid(relay), "VmHWM");
	if (after - before > 2048) {
		should_have("at most 2 MiB more memory in the relay: its buffers have %ld bytes", variant("BUFFER"));
		but_it_was("%ld KiB more, with %zu bytes sent", after - before, f.sent);
	}
	flow_finish(&f);
}

/* All bytes lie in the kernel before the relay sees the first: no new edge comes. */
static void all_at_once(struct program *relay)
{
	struct session s = session_open(relay);
	struct flow f = {s.client, s.target, 0, 0, (size_t)(4 * variant("SHARE"))};
	double until = deadline();

	scene("the client sends four shares while the relay is stopped (SIGSTOP); then it goes on");
	peer_say(s.client, "hello\n");
	peer_expect(s.target, "hello");
	kill(program_pid(relay), SIGSTOP);
	while (f.sent < f.total && now() < until)
		if (flow_send(&f) == 0)
			nap();
	f.total = f.sent;
	kill(program_pid(relay), SIGCONT);
	flow_finish(&f);
	session_close(s);
}

CHECK(resume)
{
	struct program *relay = relay_start();

	all_at_once(relay);

	for (int i = 0; i < 3; i++) {
		struct session s = i ? session_open_small(relay) : session_open(relay);
		struct flow f = {s.client, s.target, 0, 0, 0};

		scene("the reader stops, then it reads on (time %d)", i + 1);
		flow_fill(&f);
		flow_finish(&f);
		f.total += 1 << 20;
		flows_run(&f, 1);
		session_close(s);
	}
}

CHECK(others)
{
	struct program *relay = relay_start();
	struct session still = session_open_small(relay), s;
	struct flow f = {still.client, still.target, 0, 0, 0}, back = {still.target, still.client, 0, 0, 0};

	scene("one session stands still, both ways");
	flow_fill(&f);
	flow_fill(&back);
	scene("another session makes 100 round trips");
	s = session_open(relay);
	for (int i = 1; i <= 100; i++) {
		peer_say(s.client, "ping %d\n", i);
		peer_expect(s.target, "ping %d", i);
		peer_say(s.target, "pong %d\n", i);
		peer_expect(s.client, "pong %d", i);
	}
}
