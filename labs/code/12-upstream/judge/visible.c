/* The checks of lab 12 that students see. */
#include "pool.h"

#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 16 };

CHECK(starts)
{
	struct program *front = pool_start();
	struct peer *ann = client(front, "ann");

	peer_say(ann, "PING\n");
	peer_expect(ann, "PONG");
	program_stop(front);
}

CHECK(connect)
{
	struct program *front = pool_start();
	struct peer *ann = client(front, "ann");

	idle_one(front, ann, "backend", "apple");
	expect_no_client(front);
}

CHECK(refused)
{
	struct program *front = pool_start_refused();
	long max = variant("MAX");
	struct peer *clients[MOST];

	for (int round = 1; round <= 3; round++) {
		scene("round %d: %ld clients ask at the same time, and the backend's port "
		      "refuses",
		      round, max + 2);
		for (int i = 0; i < max + 2; i++)
			clients[i] = client(front, "client");
		peer_say(clients[max + 1], "PING\n");
		peer_expect(clients[max + 1], "PONG");
		kill(program_pid(front), SIGSTOP); /* all in one turn */
		for (int i = 0; i < max + 2; i++)
			ask(clients[i], "apple");
		kill(program_pid(front), SIGCONT);
		for (int i = 0; i < max + 2; i++)
			peer_expect(clients[i], "ERR refused");
	}
	backend_listens();
	idle_one(front, clients[0], "backend", "pear");
}

/* The first backend becomes idle, then the second one. */
static void which_idle(struct program *front)
{
	struct peer *ann = client(front, "ann"), *bob = client(front, "bob"), *first, *second,
		    *taken;

	scene("two idle connections; TAKE_NEWEST is %ld", variant("TAKE_NEWEST"));
	ask(ann, "a");
	first = backend_accept(front, "first", "a");
	ask(bob, "b");
	second = backend_accept(front, "second", "b");
	answer(second, bob, "b");
	answer(first, ann, "a"); /* SECOND has been idle longer */
	ask(ann, "c");
	taken = variant("TAKE_NEWEST") ? first : second;
	peer_expect(taken, "c");
	answer(taken, ann, "c");
	expect_no_client(front);
}

CHECK(reuse)
{
	struct program *front = pool_start();
	struct peer *ann = client(front, "ann"), *bob = client(front, "bob");
	struct peer *b = idle_one(front, ann, "backend", "one");

	for (int i = 0; i < 3; i++) {
		struct peer *p = i % 2 ? ann : bob;

		ask(p, "again");
		peer_expect(b, "again");
		answer(b, p, "again");
	}
	expect_no_client(front);
	which_idle(pool_start());
}

CHECK(at_most)
{
	struct program *front = pool_start();
	struct peer *clients[MOST], *backends[MOST], *carl, *dora;
	long max = variant("MAX");

	all_busy(front, clients, backends);
	carl = client(front, "carl");
	ask(carl, "carl's");
	peer_was_read(carl);
	dora = client(front, "dora");
	ask(dora, "dora's");
	peer_was_read(dora);
	expect_no_client(front);
	peer_say(backends[max - 1], "answer to key%ld\n", max);
	peer_expect(clients[max - 1], "answer to key%ld", max);
	peer_expect(backends[max - 1], "carl's");
	answer(backends[0], clients[0], "key1");
	peer_expect(backends[0], "dora's");
	answer(backends[0], dora, "dora's");
	answer(backends[max - 1], carl, "carl's");
	expect_no_client(front);
	scene("%ld clients ask at the same time: MAX, %ld, connections are opened", max + 2,
	      max);
	front = pool_start();
	for (int i = 0; i < max + 2; i++)
		clients[i] = client(front, "client");
	peer_say(clients[max + 1], "PING\n");
	peer_expect(clients[max + 1], "PONG");
	kill(program_pid(front), SIGSTOP);
	for (int i = 0; i < max + 2; i++)
		ask(clients[i], "key");
	kill(program_pid(front), SIGCONT);
	for (int i = 0; i < max; i++)
		backend_accept(front, "backend", "key");
	expect_no_client(front);
}

CHECK(queue_full)
{
	struct program *front = pool_start();
	struct peer *clients[MOST], *backends[MOST], *waiting[MOST], *zoe;
	long queue = variant("QUEUE");
	char name[32];

	all_busy(front, clients, backends);
	step("QUEUE is %ld: so many wait in line", queue);
	for (int i = 0; i < queue; i++) {
		snprintf(name, sizeof name, "waiting %d", i + 1);
		waiting[i] = client(front, name);
		ask(waiting[i], name);
		peer_was_read(waiting[i]);
	}
	zoe = client(front, "zoe");
	ask(zoe, "zoe's");
	peer_expect(zoe, "ERR full");
	answer(backends[0], clients[0], "key1");
	for (int i = 0; i < queue; i++) {
		snprintf(name, sizeof name, "waiting %d", i + 1);
		peer_expect(backends[0], "%s", name);
		answer(backends[0], waiting[i], name);
	}
	ask(zoe, "zoe's");
	peer_expect(backends[0], "zoe's");
	answer(backends[0], zoe, "zoe's");
}

CHECK(queue_late)
{
	int wait = (int)(300 * (slowness() < 4 ? slowness() : 4));
	struct program *front = pool_start_with(1000000, wait);
	struct peer *clients[MOST], *backends[MOST], *carl, *dora;
	double began;

	all_busy(front, clients, backends);
	carl = client(front, "carl");
	for (int i = 0; i < 2; i++) {
		began = now();
		ask(carl, "carl's");
		peer_expect(carl, "ERR late");
		if ((now() - began) * 1e3 < wait) {
			should_have("\"ERR late\" after WAIT_MS, %d ms, or later", wait);
			but_it_was("after %.1f ms", (now() - began) * 1e3);
		}
	}
	step("those that have a connection are not late, however long it takes");
	answer(backends[0], clients[0], "key1");
	dora = client(front, "dora");
	ask(dora, "dora's");
	peer_expect(backends[0], "dora's");
	answer(backends[0], dora, "dora's");
}

/* The front's end of the connection has gone. */
static void expect_gone(struct peer *backend)
{
	double last = deadline();
	struct tcp_row row;

	do
		row = tcp_look(backend->other, backend->port);
	while (row.state && row.state != TCP_TIME_WAIT && now() < last && (nap(), true));
	if (row.state && row.state != TCP_TIME_WAIT) {
		should_have("that the front closes the idle connection, too");
		but_it_was("%s at the front",
			   row.state == TCP_CLOSE_WAIT ? "CLOSE_WAIT" : "still open");
	}
}

CHECK(dead_idle)
{
	struct program *front = pool_start();
	struct peer *ann = client(front, "ann"), *b;

	for (int by_reset = 0; by_reset < 2; by_reset++) {
		scene("the backend %s an idle connection", by_reset ? "resets" : "closes");
		b = idle_one(front, ann, "backend", "one");
		by_reset ? peer_reset(b) : peer_close(b);
		expect_gone(b);
		b = idle_one(front, ann, "backend", "two");
		peer_close(b);
		expect_gone(b);
	}
	scene("the front is stopped (SIGSTOP); the backend closes, ann asks; it goes on");
	for (int i = 0; i < 5; i++) {
		b = idle_one(front, ann, "backend", "one");
		kill(program_pid(front), SIGSTOP);
		if (i % 2)
			ask(ann, "two");
		peer_close(b);
		if (i % 2 == 0)
			ask(ann, "two");
		kill(program_pid(front), SIGCONT);
		b = backend_accept(front, "backend", "two");
		answer(b, ann, "two");
		peer_close(b);
		expect_gone(b);
	}
}

CHECK(stale_bytes)
{
	struct program *front = pool_start();
	struct peer *ann = client(front, "ann"), *b;

	scene("an idle connection brings bytes: it is closed");
	b = idle_one(front, ann, "backend", "one");
	peer_say(b, "no request\n");
	peer_expect_closed(b);
	b = idle_one(front, ann, "backend", "two");
	scene("the front is stopped (SIGSTOP); bytes come, and ann asks; it goes on");
	for (int i = 0; i < 5; i++) {
		kill(program_pid(front), SIGSTOP);
		if (i % 2)
			ask(ann, "three");
		peer_say(b, "no request\n");
		if (i % 2 == 0)
			ask(ann, "three");
		kill(program_pid(front), SIGCONT);
		b = backend_accept(front, "backend", "three");
		answer(b, ann, "three");
	}
	scene("an answer with bytes behind it: the connection is not used again");
	ask(ann, "four");
	peer_expect(b, "four");
	peer_say(b, "answer to four\nand more\n");
	peer_expect(ann, "answer to four");
	peer_expect_closed(b);
	idle_one(front, ann, "backend", "five");
}

CHECK(left_inside)
{
	struct program *front = pool_start();
	struct peer *bob = client(front, "bob");

	for (int i = 0; i < 3; i++) {
		struct peer *ann = client(front, "ann"), *b, *other;

		scene("ann leaves %s", i == 0   ? "before her answer"
				       : i == 1 ? "in the middle of her answer"
						: "by a reset");
		ask(ann, "ann's");
		b = i ? backend_accept(front, "backend", "ann's")
		      : backend_accept(front, "backend", "ann's");
		if (i == 1) {
			peer_say(b, "half an ans");
			peer_was_read(b);
		}
		i == 2 ? peer_reset(ann) : peer_close(ann);
		peer_expect_closed(b);
		other = idle_one(front, bob, "another backend", "bob's");
		peer_close(other);
		expect_gone(other);
	}
}
