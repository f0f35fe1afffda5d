/* The checks of lab 12 that students do not see. */
#include "pool.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 16 };

CHECK(dies_on_use)
{
	struct program *front = pool_start();
	struct peer *ann = client(front, "ann"), *bob = client(front, "bob"), *b, *c;

	scene("a reused connection dies at the request: once more, on a new one");
	b = idle_one(front, ann, "backend", "one");
	ask(ann, "two");
	peer_expect(b, "two");
	peer_close(b);
	b = backend_accept(front, "new backend", "two");
	answer(b, ann, "two");
	scene("... also when another idle one is there");
	ask(ann, "a");
	peer_expect(b, "a");
	ask(bob, "b");
	c = backend_accept(front, "other backend", "b");
	answer(c, bob, "b");
	answer(b, ann, "a");
	ask(ann, "three");
	if (variant("TAKE_NEWEST") == 0) {
		struct peer *swap = b;

		b = c;
		c = swap;
	}
	peer_expect(b, "three");
	peer_close(b);
	b = backend_accept(front, "new backend", "three");
	scene("the new one dies, too: an error, and no third try");
	peer_close(b);
	peer_expect(ann, "ERR ended");
	expect_no_client(front);
	scene("a reused one dies in the middle of its answer: an error");
	ask(ann, "four");
	peer_expect(c, "four");
	peer_say(c, "ans");
	peer_was_read(c);
	peer_close(c);
	peer_expect(ann, "ERR ended");
	expect_no_client(front);
	scene("a new one dies: an error");
	ask(ann, "five");
	b = backend_accept(front, "new backend", "five");
	peer_reset(b);
	peer_expect(ann, "ERR ended");
	expect_no_client(front);
	idle_one(front, ann, "backend", "six");
}

/* Takes all connections that the front opens, and closes them, until it opens none any more. */
static void doors_close(struct program *front)
{
	struct peer *fence = client(front, "fence");

	for (int calm = 0; calm < 3; calm++) {
		for (int i = 0; i < 3; i++) {
			peer_say(fence, "PING\n");
			peer_expect(fence, "PONG");
		}
		for (; !wire_no_client(listener); calm = 0)
			peer_close(peer_accept(listener, front, "backend"));
	}
	peer_close(fence);
}

/* Waits in line under its name; the front has read it. */
static struct peer *in_line(struct program *front, const char *name)
{
	struct peer *p = client(front, name);

	ask(p, name);
	peer_was_read(p);
	return p;
}

/* One backend answers all of them, in this order. */
static void answer_all(struct peer *backend, struct peer **waiting, int count)
{
	for (int i = 0; i < count; i++) {
		peer_expect(backend, "%s", waiting[i]->name);
		answer(backend, waiting[i], waiting[i]->name);
	}
}

static void leaves_line(struct program *front, struct peer *busy, struct peer *backend)
{
	int queue = (int)variant("QUEUE");
	struct peer *waiting[MOST], *gone, *zoe;
	char name[32];

	waiting[0] = in_line(front, "w1");
	gone = in_line(front, "gone");
	waiting[1] = in_line(front, "w2");
	step("the one in the middle of the line leaves; QUEUE is %d", queue);
	peer_close(gone);
	expect_no_client(front);
	for (int i = 2; i < queue; i++) {
		snprintf(name, sizeof name, "w%d", i + 1);
		waiting[i] = in_line(front, name);
	}
	zoe = client(front, "zoe");
	ask(zoe, "zoe");
	peer_expect(zoe, "ERR full");
	answer(backend, busy, "key1");
	answer_all(backend, waiting, queue);
}

/* The connection comes back for a client that leaves in the same turn. */
static void leaves_when_served(struct program *front, struct peer *busy, struct peer *backend)
{
	struct peer *first, *second;

	scene("a connection comes back, and the first in line leaves: both while the front is "
	      "stopped");
	ask(busy, "key1");
	peer_expect(backend, "key1");
	first = in_line(front, "first");
	second = in_line(front, "second");
	kill(program_pid(front), SIGSTOP);
	peer_say(backend, "answer to key1\n");
	peer_close(first);
	kill(program_pid(front), SIGCONT);
	peer_expect(busy, "answer to key1");
	answer_all(backend, &second, 1);
}

CHECK(cancel)
{
	struct program *front = pool_start();
	struct peer *clients[MOST], *backends[MOST];
	long max = variant("MAX");

	all_busy(front, clients, backends);
	leaves_line(front, clients[0], backends[0]);
	leaves_when_served(front, clients[0], backends[0]);
	for (int i = 1; i < max; i++) {
		char key[32];

		snprintf(key, sizeof key, "key%d", i + 1);
		answer(backends[i], clients[i], key);
	}
	for (int i = 0; i < max; i++)
		peer_close(backends[i]);
	expect_no_client(front);
	for (int round = 0; round < 3; round++) {
		scene("no connection is open; clients ask and leave at once, while the front "
		      "is stopped");
		kill(program_pid(front), SIGSTOP);
		for (int i = 0; i < max + 3; i++) {
			struct peer *hasty = client(front, "hasty");

			ask(hasty, "hasty's");
			peer_close(hasty);
		}
		kill(program_pid(front), SIGCONT);
		doors_close(front);
	}
	step("MAX clients ask: so many connections can be opened");
	for (int i = 0; i < max; i++)
		ask(clients[i], "again");
	for (int i = 0; i < max; i++)
		backend_accept(front, "backend", "again");
	expect_no_client(front);
}

CHECK(next_in_line)
{
	struct program *front = pool_start();
	struct peer *clients[MOST], *backends[MOST], *carl, *dora, *b;

	all_busy(front, clients, backends);
	carl = client(front, "carl");
	ask(carl, "carl's");
	peer_was_read(carl);
	dora = client(front, "dora");
	ask(dora, "dora's");
	peer_was_read(dora);
	expect_no_client(front);
	step("one connection dies: there is room for one new one");
	peer_close(backends[0]);
	peer_expect(clients[0], "ERR ended");
	b = backend_accept(front, "new backend", "carl's");
	expect_no_client(front);
	step("a client leaves in the middle: there is room again");
	peer_close(clients[1]);
	backend_accept(front, "another new backend", "dora's");
	answer(b, carl, "carl's");
	expect_no_client(front);
}

CHECK(idle_end)
{
	int idle = (int)(300 * (slowness() < 4 ? slowness() : 4));
	struct program *front = pool_start_with(idle, 1000000);
	struct peer *ann = client(front, "ann"), *b;
	double began;

	ask(ann, "one");
	b = backend_accept(front, "backend", "one");
	for (int i = 0; i < 2; i++) {
		began = now();
		answer(b, ann, "one");
		if (i == 0) { /* its time begins again after each use */
			while ((now() - began) * 1e3 < idle / 2)
				nap();
			ask(ann, "one");
			peer_expect(b, "one");
		}
	}
	peer_expect_end(b);
	if ((now() - began) * 1e3 < idle) {
		should_have("the end of an idle connection after IDLE_MS, %d ms, or later",
			    idle);
		but_it_was("after %.1f ms", (now() - began) * 1e3);
	}
	idle_one(front, ann, "backend", "two");
}

/* ---- storm ------------------------------------------------------------------------------- */

enum { CLIENTS = 10, BACKENDS = 64, STEPS = 400 };

static struct {
	struct peer *peer;
	int asked; /* the number of its request; 0: none */
} people[CLIENTS];
static struct {
	struct peer *peer;
	int key; /* that it has read and not answered; 0: none */
} servers[BACKENDS];
static int numbers;

static void servers_look(struct program *front)
{
	int open = 0, fresh;

	for (int i = 0; i < BACKENDS; i++) {
		struct peer *b = servers[i].peer;

		if (b && peer_has_ended(b)) {
			peer_close(b);
			servers[i].peer = NULL;
			servers[i].key = 0;
		}
	}
	while (!wire_no_client(listener)) {
		for (fresh = 0; servers[fresh].peer; fresh++)
			if (fresh == BACKENDS - 1)
				judge_broke("too many backends");
		servers[fresh].peer = peer_accept(listener, front, "backend");
		servers[fresh].key = 0;
	}
	for (int i = 0; i < BACKENDS; i++) {
		struct peer *b = servers[i].peer;

		if (!b || peer_has_ended(b))
			continue;
		open++;
		if (b->length == 0 || !memchr(b->bytes, '\n', b->length))
			continue;
		if (servers[i].key) {
			should_have("one request at a time at each backend");
			but_it_was("key %d, and %s before its answer", servers[i].key,
				   shown(b->bytes, b->length));
		}
		servers[i].key = atoi(peer_line(b));
	}
	if (open > variant("MAX")) {
		should_have("at most MAX, %ld, connections at the backend", variant("MAX"));
		but_it_was("%d", open);
	}
}

static void people_look(void)
{
	for (int i = 0; i < CLIENTS; i++) {
		struct peer *p = people[i].peer;
		char *line;

		if (!p || peer_has_ended(p) || !p->length || !memchr(p->bytes, '\n', p->length))
			continue;
		line = peer_line(p);
		if (strncmp(line, "ERR ", 4) != 0 && atoi(line) != people[i].asked) {
			should_have("answer %d, or an error", people[i].asked);
			but_it_was("%s", shown(line, strlen(line)));
		}
		people[i].asked = 0;
	}
}

static void storm_step(struct program *front)
{
	int i = (int)(dice() % CLIENTS), k = (int)(dice() % BACKENDS);
	struct peer *b;

	for (int n = 0; n < BACKENDS && !servers[k].peer; n++)
		k = (k + 1) % BACKENDS;
	b = servers[k].peer;
	switch (dice() % 8) {
	case 0:
	case 1:
	case 2:
		if (!people[i].peer)
			people[i].peer = client(front, "client");
		if (!people[i].asked) {
			people[i].asked = ++numbers;
			peer_say(people[i].peer, "GET %d\n", numbers);
		}
		break;
	case 3:
	case 4:
	case 5:
		if (b && servers[k].key) {
			peer_say(b, "%d\n", servers[k].key);
			servers[k].key = 0;
		}
		break;
	case 6:
		if (people[i].peer) {
			dice() % 2 ? peer_close(people[i].peer) : peer_reset(people[i].peer);
			people[i].peer = NULL;
			people[i].asked = 0;
		}
		break;
	default:
		if (b) {
			if (servers[k].key && dice() % 2)
				peer_say(b, "%d",
					 servers[k].key); /* the first bytes of an answer */
			dice() % 2 ? peer_close(b) : peer_reset(b);
			servers[k].peer = NULL;
			servers[k].key = 0;
		}
	}
}

CHECK(storm)
{
	struct program *front = pool_start();
	int before = process_fds(program_pid(front));
	double last;

	for (int n = 0; n < STEPS; n++) {
		scene("random step %d", n + 1);
		storm_step(front);
		if (dice() % 4 == 0)
			nap();
		servers_look(front);
		people_look();
		program_look(front);
	}
	scene("after %d random steps all leave: no descriptor is lost", STEPS);
	for (int i = 0; i < CLIENTS; i++)
		if (people[i].peer)
			peer_close(people[i].peer);
	last = deadline();
	for (;;) {
		servers_look(front);
		for (int i = 0; i < BACKENDS; i++)
			if (servers[i].peer) {
				peer_close(servers[i].peer);
				servers[i].peer = NULL;
			}
		if (process_fds(program_pid(front)) == before || now() > last)
			break;
		nap();
	}
	expect_number("descriptors of the front:", before, process_fds(program_pid(front)));
	program_stop(front);
}

CHECK(other_numbers)
{
	check_again("at-most");
	check_again("queue-full");
	check_again("reuse");
}

CHECK(clean)
{
	struct program *front;
	struct peer *clients[MOST], *backends[MOST], *carl;

	check_again("left-inside");
	check_again("cancel");
	check_again("dies-on-use");
	front = pool_start();
	all_busy(front, clients, backends);
	answer(backends[0], clients[0], "key1");
	carl = client(front, "carl");
	ask(carl, "carl's");
	peer_expect(backends[0], "carl's");
	answer(backends[1], clients[1], "key2");
	ask(clients[0], "x");
	ask(clients[1], "y");
	peer_was_read(clients[1]);
	program_stop(front); /* some idle, some in use, one in line */
}
