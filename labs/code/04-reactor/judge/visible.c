/* The checks of lab 4 that students see. */
#include "turns.h"
#include "wire.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

CHECK(starts)
{
	struct program *p = puppet();

	tell(p, "numbers");
	while (heard(p))
		continue;
	program_end(p);
}

CHECK(read_write)
{
	struct program *p = puppet();

	scene("one watch that waits for reading");
	order(p, "pair 1");
	order(p, "watch 1 1 r");
	expect_turn(p, "");
	order(p, "write 1 hello");
	expect_turn(p, "called 1 r");
	expect_turn(p, "called 1 r"); /* it was not read: it is ready still */
	expect_order(p, "read 1", "read 5");
	expect_turn(p, "");
	scene("another watch that waits for writing");
	order(p, "pair 2");
	order(p, "watch 2 2 w");
	expect_turn(p, "called 2 w");
	order(p, "write 2 x");
	expect_turn(p, "called 2 w"); /* it did not ask for reading */
	order(p, "change 2 rw");
	expect_turn(p, "called 2 rw");
	order(p, "change 2 r");
	expect_turn(p, "called 2 r");
	order(p, "fill 2");
	order(p, "change 2 w");
	expect_turn(p, "");
	order(p, "drain 2");
	expect_turn(p, "called 2 w");
	scene("both");
	order(p, "write 1 x");
	expect_turn(p, "called 1 r; called 2 w");
	order(p, "change 2 -");
	expect_turn(p, "called 1 r");
}

CHECK(mask)
{
	struct program *p = puppet();

	scene("the peer of a reader closes");
	order(p, "pair 1");
	order(p, "watch 1 1 r");
	order(p, "leave 1");
	expect_turn(p, "called 1 r");
	expect_order(p, "read 1", "read 0");
	order(p, "end 1");
	scene("the peer of a reader resets");
	order(p, "pair 2");
	order(p, "watch 2 2 r");
	order(p, "reset 2");
	expect_turn(p, "called 2 r");
	expect_order(p, "read 2", "read ECONNRESET");
	order(p, "end 2");
	scene("the peer of a full writer resets");
	order(p, "pair 3");
	order(p, "fill 3");
	order(p, "watch 3 3 w");
	expect_turn(p, "");
	order(p, "reset 3");
	expect_turn(p, "called 3 w");
	order(p, "end 3");
	scene("the writer of a pipe closes: epoll says that, and not that there is something to read");
	order(p, "pipe 5");
	order(p, "watch 5 5 r");
	expect_turn(p, "");
	order(p, "leave 5");
	expect_turn(p, "called 5 r");
	expect_order(p, "read 5", "read 0");
	order(p, "end 5");
	scene("the peer of a watch that sleeps resets; an alarm in 50 ms");
	order(p, "clock");
	order(p, "pair 4");
	order(p, "watch 4 4 r");
	order(p, "change 4 -");
	order(p, "reset 4");
	order(p, "alarm 1 50");
	expect_order(p, "turn 1000", "alarm 1"); /* the wait was not cut short by the error */
	order(p, "change 4 r");
	expect_turn(p, "called 4 r");
}

CHECK(end_self)
{
	struct program *p = puppet();

	for (int i = 1; i <= 100; i++) {
		char wanted[32];

		scene("a watch whose callback ends it, time %d", i);
		ready_pair(p, i);
		order(p, "do %d \"end %d\"", i, i);
		snprintf(wanted, sizeof wanted, "called %d r", i);
		expect_turn(p, wanted);
		expect_turn(p, "");
	}
	scene("the descriptor of an ended watch is open, and can be watched again");
	expect_order(p, "read 7", "read 1");
	order(p, "write 7 y");
	order(p, "watch 200 7 r");
	expect_turn(p, "called 200 r");
}

/* One of these two, and nothing else. */
static void expect_one_of(struct program *p, const char *a, const char *b)
{
	const char *said = answer(p, "turn 0");

	if (strcmp(said, a) == 0 || strcmp(said, b) == 0)
		return;
	should_have("one call: \"%s\" or \"%s\"", a, b);
	but_it_was("\"%s\"", said);
}

CHECK(end_other)
{
	struct program *p = puppet();

	for (int i = 1; i <= 50; i++) {
		char a[32], b[32];

		scene("two are ready in one batch; the first one that is called ends the other (time %d)", i);
		ready_pair(p, 2 * i);
		ready_pair(p, 2 * i + 1);
		order(p, "do %d \"end %d\" \"read %d\"", 2 * i, 2 * i + 1, 2 * i);
		order(p, "do %d \"end %d\" \"read %d\"", 2 * i + 1, 2 * i, 2 * i + 1);
		snprintf(a, sizeof a, "called %d r; read 1", 2 * i);
		snprintf(b, sizeof b, "called %d r; read 1", 2 * i + 1);
		expect_one_of(p, a, b);
		expect_turn(p, "");
	}
}

CHECK(end_reuse)
{
	struct program *p = puppet();

	for (int i = 1; i <= 20; i++) {
		int a = 10 * i, b = a + 1, fresh;
		const char *said;
		char text[64];

		scene("both are ready; the first ends the other, closes it, and watches a new descriptor (time %d)", i);
		ready_pair(p, a);
		ready_pair(p, b);
		order(p, "do %d \"end %d\" \"close %d\" \"pair %d\" \"watch %d %d r\"", a, b, b, a + 2, a + 2, a + 2);
		order(p, "do %d \"end %d\" \"close %d\" \"pair %d\" \"watch %d %d r\"", b, a, a, b + 2, b + 2, b + 2);
		snprintf(text, sizeof text, "%s", answer(p, "turn 0"));
		fresh = strncmp(text, "called", 6) == 0 && atoi(text + 7) == a ? a + 2 : b + 2;
		if (atoi(strncmp(text, "called", 6) == 0 ? text + 7 : "0") == 0 || strchr(text, ';')) {
			should_have("one call: of %d or of %d", a, b);
			but_it_was("\"%s\"", text);
		}
		order(p, "write %d new", fresh);
		snprintf(text, sizeof text, "called %d r", fresh - 2);
		said = answer(p, "read %d", fresh - 2);
		expect_text("what the one that was called reads", "read 1", said);
		snprintf(text, sizeof text, "called %d r", fresh);
		expect_turn(p, text);
		order(p, "end %d", fresh);
		order(p, "end %d", fresh - 2);
	}
}

CHECK(later)
{
	struct program *p = puppet();

	scene("five posted calls, in the order in which they were posted");
	for (int i = 1; i <= 5; i++)
		order(p, "later %d", i);
	step("turn 0");
	tell(p, "turn 0");
	for (int i = 1; i <= 5; i++) {
		char wanted[32], *line = heard(p);

		snprintf(wanted, sizeof wanted, "later %d", i);
		expect_text("the next call", wanted, line ? line : "nothing");
	}
	heard_nothing(p);
	expect_turn(p, "");
	scene("each posted call posts the next; a descriptor is ready all the time");
	ready_pair(p, 1);
	order(p, "later 1 \"later 2 \\\"later 3\\\"\"");
	expect_turn(p, "called 1 r; later 1");
	expect_turn(p, "called 1 r; later 2");
	expect_turn(p, "called 1 r; later 3");
	expect_turn(p, "called 1 r");
	scene("a callback posts: that is for the next turn");
	order(p, "do 1 \"later 4\"");
	expect_turn(p, "called 1 r");
	expect_turn(p, "called 1 r; later 4");
	scene("a call is posted, so the turn does not wait");
	order(p, "end 1");
	order(p, "clock");
	order(p, "later 5");
	order(p, "alarm 1 500");
	expect_order(p, "turn 1000", "later 5");
}

CHECK(alarms)
{
	struct program *p = puppet();

	scene("three alarms; the clock moves only while the reactor waits");
	order(p, "clock");
	order(p, "alarm 1 30");
	order(p, "alarm 2 10");
	order(p, "alarm 3 20");
	order(p, "turn 9");
	expect_order(p, "turn 1000", "alarm 2");
	expect_order(p, "turn 1000", "alarm 3");
	expect_order(p, "turn 1000", "alarm 1");
	order(p, "turn 0");
	scene("an alarm that is ended, and one that another alarm ends");
	order(p, "alarm 1 10");
	order(p, "alarm-end 1");
	order(p, "alarm 2 20 \"alarm-end 3\"");
	order(p, "alarm 3 20 \"alarm-end 2\"");
	order(p, "clock 20");
	{
		const char *said = answer(p, "turn 0");

		if (strcmp(said, "alarm 2") != 0 && strcmp(said, "alarm 3") != 0) {
			should_have("alarm 2 or alarm 3: each ends the other");
			but_it_was("\"%s\"", said);
		}
	}
	order(p, "turn 0");
	scene("an alarm of 0 ms starts another one of 0 ms: that is for the next turn");
	order(p, "alarm 1 0 \"alarm 2 0\"");
	expect_turn(p, "alarm 1");
	expect_turn(p, "alarm 2");
	scene("the clock jumps over many");
	for (int i = 1; i <= 9; i++)
		order(p, "alarm %d %d", i, 100 - i * 10);
	order(p, "clock 200");
	expect_turn(p, "alarm 1; alarm 2; alarm 3; alarm 4; alarm 5; alarm 6; alarm 7; alarm 8; alarm 9");
}

CHECK(signal)
{
	struct program *p = puppet();
	char wanted[32];

	scene("signal %ld comes between two turns", variant("SIGNAL"));
	order(p, "signal");
	order(p, "raise");
	expect_order(p, "turn 5000", "signal");
	expect_turn(p, "");
	scene("it comes in the middle of a turn, while a descriptor is ready all the time");
	ready_pair(p, 1);
	order(p, "do 1 \"raise\"");
	answer(p, "turn 0");
	snprintf(wanted, sizeof wanted, "%s", answer(p, "turn 0"));
	if (strstr(wanted, "signal") == NULL)
		snprintf(wanted, sizeof wanted, "%s", answer(p, "turn 0"));
	if (strstr(wanted, "signal") == NULL) {
		should_have("the signal's callback, two turns later at most");
		but_it_was("\"%s\"", wanted);
	}
	scene("it comes while the turn waits");
	order(p, "end 1");
	answer(p, "turn 0");
	step("turn 5000, and the signal from outside");
	tell(p, "turn 5000");
	kill(program_pid(p), (int)variant("SIGNAL"));
	{
		char *line = heard(p);

		expect_text("the call", "signal", line ? line : "nothing: the turn was over without it");
		heard_nothing(p);
	}
}

static void get_page(struct program *server, int i)
{
	struct peer *p;
	char name[16];

	snprintf(name, sizeof name, "client %d", i);
	p = peer_connect(server, name);
	peer_say(p, "GET / HTTP/1.0\r\n\r\n");
	peer_expect(p, "HTTP/1.0 200 OK");
	peer_expect(p, "Content-Type: text/plain");
	peer_expect(p, "Content-Length: 6");
	peer_expect(p, "%s", "");
	peer_expect(p, "hello");
	peer_expect_end(p);
	peer_close(p);
}

CHECK(serves)
{
	struct program *server = server_start("puppet", "serve", "0", NULL);
	struct peer *half;
	int idle[100];

	scene("100 clients that say nothing, one with half a request, and 50 that ask");
	for (int i = 0; i < 100; i++)
		if ((idle[i] = wire_connect(server_port(server))) < 0)
			judge_broke("no connection");
	half = peer_connect(server, "slow");
	peer_say(half, "GET / HT");
	for (int i = 1; i <= 50; i++)
		get_page(server, i);
	peer_say(half, "TP/1.0\r\n\r\n");
	peer_expect(half, "HTTP/1.0 200 OK");
	for (int i = 0; i < 100; i++)
		close(idle[i]);
	get_page(server, 51);
	program_stop(server);
}
