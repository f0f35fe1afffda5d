/* The checks of lab 11 that students see. */
#include "beats.h"
#include "kernel.h"

#include <stdio.h>
#include <string.h>

CHECK(starts)
{
	struct model m = begin(0);

	program_end(m.puppet);
}

CHECK(granted)
{
	struct model m = begin(0);

	scene("LEAST_MS is %ld, MOST_MS is %ld", m.least, m.most);
	hello(&m, m.least - 1);
	hello(&m, m.least);
	hello(&m, m.least + 1);
	hello(&m, 0);
	hello(&m, -5);
	hello(&m, m.most);
	hello(&m, m.most + 1);
	hello(&m, 1L << 40);
}

static const long times[] = {0, 12000, 1L << 41};

CHECK(silent_at)
{
	for (int i = 0; i < 3; i++) {
		struct model m = begin(times[i]);
		long wanted = i ? m.least + 100 : m.most;

		if (i)
			hello(&m, wanted);
		scene("begun at %ld; the period is %ld, the limit %ld", times[i], wanted,
		      model_limit(&m));
		due(&m, m.last + model_patience(&m));
		due(&m, m.last + model_limit(&m) - 1);
		due(&m, m.last + model_limit(&m));
		due(&m, m.last + 5 * model_limit(&m));
		scene("a packet at %ld; the limit is %ld", m.last + 7, model_limit(&m));
		packet(&m, m.last + 7, "ping", 0);
		due(&m, m.last + 1);
		due(&m, m.last + model_limit(&m) - 1);
		due(&m, m.last + model_limit(&m));
	}
}

/* A period is nearly over, then a packet; 200 times. */
CHECK(life)
{
	static const char *const kinds[] = {"ping", "say", "pong", "hello"};

	for (int k = 0; k < 4; k++) {
		struct model m = begin(1000);

		scene("one packet in each period: %s", kinds[k]);
		hello(&m, m.least + 500);
		for (int i = 0; i < 100; i++) {
			packet(&m, m.last + m.period, kinds[k], 0);
			due(&m, m.last + 1);
		}
	}
}

CHECK(probe)
{
	struct model m = begin(1000);
	long patience, limit;

	hello(&m, m.least + 500);
	patience = model_patience(&m);
	limit = model_limit(&m);
	scene("the limit is %ld; a probe leaves at %ld %% of it: %ld", limit, m.percent,
	      patience);
	due(&m, m.last + patience - 1);
	due(&m, m.last + patience);
	due(&m, m.last + patience + 1);
	due(&m, m.last + limit - 1);
	scene("a sign of life, and silence again");
	packet(&m, m.last + limit - 1, "say", 0);
	due(&m, m.last + patience - 1);
	due(&m, m.last + patience);
	due(&m, m.last + patience);
	due(&m, m.last + limit);
	scene("the timer comes late, but before the limit");
	m = begin(5000);
	due(&m, m.last + model_limit(&m) - 1);
	due(&m, m.last + model_limit(&m) - 1);
}

/* Silence up to the probe, whose answer comes after MS. */
static void probed(struct model *m, long ms, long number)
{
	due(m, m->last + model_patience(m));
	packet(m, m->asked_at + ms, "pong", number);
	expect_rtt(m);
}

CHECK(pong)
{
	struct model m = begin(1000);

	expect_rtt(&m);
	scene("the first measure, then smoothed ones");
	probed(&m, 40, 1);
	probed(&m, 80, 2);
	probed(&m, 0, 3);
	scene("a second answer with the same number");
	packet(&m, m.last + 100, "pong", 3);
	expect_rtt(&m);
	scene("a number that was never sent");
	probed(&m, 50, 77);
	scene("other packets before the answer");
	due(&m, m.last + model_patience(&m));
	packet(&m, m.last + model_patience(&m) + 10, "say", 0);
	packet(&m, m.last + 20, "ping", m.number);
	packet(&m, m.last + 30, "pong", m.number);
	expect_rtt(&m);
	scene("an old number, when there is a newer one");
	due(&m, m.last + model_patience(&m));
	packet(&m, m.last + model_patience(&m) + 5, "say", 0);
	due(&m, m.last + model_patience(&m));
	packet(&m, m.asked_at + 9, "pong", m.number - 1);
	expect_rtt(&m);
	packet(&m, m.asked_at + 70, "pong", m.number);
	expect_rtt(&m);
}

/* The timer came at AT and was set again: the time for which it is set. */
static long timer_after(struct model *m, long at)
{
	long asked = next(m),
	     latest = m->last + (m->asked ? model_limit(m) : model_patience(m));

	if (asked <= at || asked > latest) {
		should_have("beat_next after %ld, and at %ld at the latest", at, latest);
		but_it_was("%ld", asked);
	}
	return asked;
}

static void few_timers(long timers)
{
	if (timers <= 150)
		return;
	should_have("at most 150 timers in 40 limits");
	but_it_was("%ld", timers);
}

CHECK(next)
{
	struct model m = begin(1000);
	long at = 1000, end = at + 40 * model_limit(&m), timers = 0;

	scene("two packets in each period; each time that the timer comes, beat_next sets it");
	for (long p = at; at < end; timers++) {
		long asked = timer_after(&m, at);

		for (; p < asked; p += m.period / 2)
			packet(&m, p, "ping", 0);
		due(&m, at = asked);
	}
	few_timers(timers);
	scene("silence, but for the answers to probes, which come after 3 ms");
	m = begin(1000);
	at = 1000;
	for (timers = 0; at < end; timers++) {
		long before = m.number;

		due(&m, at = timer_after(&m, at));
		if (m.number > before && m.number % 2)
			packet(&m, at += 3, "pong", m.number);
		else if (m.number > before)
			packet(&m, timer_after(&m, at) - 1, "pong", m.number);
	}
	few_timers(timers);
}

CHECK(flood)
{
	struct model m = begin(1000);

	scene("BURST is %ld: so many at once, and one more", m.burst);
	for (int i = 0; i <= m.burst; i++)
		packet(&m, 1000, "ping", i);
	scene("RATE is %ld: after a second so many more", m.rate);
	for (int i = 0; i < m.rate && i < m.burst; i++)
		packet(&m, 2000, "say", i);
	scene("as fast as RATE allows, and a little faster");
	for (int i = 0; i < 300; i++)
		packet(&m, m.last + 1000 / m.rate, "pong", i);
	scene("ten minutes of silence: the credit is BURST, not more");
	m = begin(1000);
	for (int i = 0; i <= m.burst; i++)
		packet(&m, 601000, "ping", i);
	scene("packets that were too many are signs of life");
	due(&m, m.last + model_limit(&m) - 1);
	due(&m, m.last + model_limit(&m));
}

CHECK(paused)
{
	struct model m = begin(1000);
	long limit, patience, end;

	hello(&m, m.least + 500);
	limit = model_limit(&m);
	patience = model_patience(&m);
	scene("limit %ld; silent from 1000 on; we pause from 1400 for ten limits", limit);
	end = 1400 + 10 * limit;
	paused(&m, 1400, end);
	due(&m, end);
	due(&m, end + patience - 400 - 1);
	due(&m, end + patience - 400);
	due(&m, end + limit - 400 - 1);
	due(&m, end + limit - 400);
	scene("a pause that ended before the last packet");
	packet(&m, end + limit, "ping", 0);
	paused(&m, end, end + limit - 1);
	due(&m, m.last + patience - 1);
	due(&m, m.last + patience);
	due(&m, m.last + limit - 1);
	scene("a packet in the middle of a pause");
	packet(&m, m.last + limit, "say", 0);
	paused(&m, m.last - 300, m.last + 5 * limit);
	due(&m, m.last + patience - 1);
	due(&m, m.last + patience);
	due(&m, m.last + limit - 1);
	scene("a probe was sent before the pause: its answer is no measure");
	packet(&m, m.last + limit, "say", 0);
	due(&m, m.last + patience);
	paused(&m, m.asked_at + 10, m.asked_at + 10 + 3 * limit);
	packet(&m, m.last + patience + 30, "pong", m.number);
	expect_rtt(&m);
	scene("a pause takes away nothing of a silence that is over the limit");
	paused(&m, m.last + limit, m.last + 20 * limit);
	due(&m, m.last + limit);
}

CHECK(serves)
{
	struct program *s = server();
	long limit;
	struct peer *ann = guest(s, "ann", 10000, &limit),
		    *bob = guest(s, "bob", 10000, &limit);
	const char *said = variant_text("SAID");
	char many[6 * 400];

	expect_number("the number of ann", 1, guest_number(ann));
	expect_number("the number of bob", 2, guest_number(bob));
	peer_say(ann, "%s 12\n", variant_text("PING"));
	peer_expect(ann, "PONG 12");
	peer_say(ann, "SAY good morning\n");
	peer_expect(bob, "%s 1 good morning", said);
	peer_say(bob, "SAY hello\n");
	peer_expect(ann, "%s 2 hello",
		    said); /* the next line: what ann said did not come to ann */
	scene("bob wishes for a period that is too short");
	peer_say(bob, "HELLO 1\n");
	peer_expect(bob, "%s 2 %ld", variant_text("WELCOME"), variant("LEAST_MS"));
	peer_close(bob);
	peer_expect(ann, "GONE 2 left");
	scene("carl sends 400 packets at once; BURST is %ld", variant("BURST"));
	bob = peer_connect(s, "carl");
	for (size_t i = 0; i < sizeof many; i++)
		many[i] = "SAY x\n"[i % 6];
	peer_send_some(bob, many, sizeof many); /* at once: the server may end this any time */
	while (strcmp(guest_line(ann), "GONE 3 flood") != 0)
		continue;
	peer_expect_closed(bob);
	program_stop(s);
}

CHECK(stopped)
{
	struct program *s = server();
	long limit, none;
	struct peer *ann, *bob = guest(s, "bob", 10000, &none);
	double began = now();

	ann = guest(s, "ann", 700, &limit);
	scene("ann, with a limit of %ld ms, is silent; bob pings", limit);
	expect_number("the state of ann's connection, 1 for ESTABLISHED,", 1,
		      tcp_look(ann->port, ann->other).state);
	wait_gone(bob, guest_number(ann), "silent");
	at_least(began, (double)limit, "the server drops ann");
	peer_expect(ann, "%s 1", variant_text("PROBE"));
	peer_expect_end(ann);
}

CHECK(lively)
{
	static const char *const names[] = {"ann", "bob", "carl", "dora", "emil"};
	struct peer *peers[5], *silent;
	bool gone[5] = {0};
	double until, before;
	struct program *s;
	long limit;

	for (int attempt = 0; attempt < 5; attempt++) {
		bool late = false;

		s = server();
		for (int i = 0; i < 5; i++)
			peers[i] = guest(s, names[i], 600, &limit), gone[i] = false;
		silent = guest(s, "sid", 600, &limit);
		scene(
		    "five that ping all the time, and sid, who is silent; the limit is %ld ms",
		    limit);
		until = before = now();
		for (until += 3e-3 * (double)limit; now() < until && !late; before = now()) {
			for (int i = 0; i < 25; i++)
				nap();
			/* When we were late ourselves, they may have been silent. */
			late = now() - before > 0.4e-3 * (double)limit;
			for (int i = 0; i < 5 && !late; i++)
				gone[i] =
				    guest_ping(peers[i], guest_number(silent), "silent") ||
				    gone[i];
		}
		if (late) {
			program_stop(s);
			continue;
		}
		for (int i = 0; i < 5; i++)
			if (!gone[i]) {
				should_have("\"GONE %d silent\" at %s", guest_number(silent),
					    names[i]);
				but_it_was("nothing after three limits");
			}
		return;
	}
	judge_broke("the judge was late five times");
}
