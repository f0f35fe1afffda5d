/* An answer that comes late: whose descriptor is it? */
#include "late.h"

#include "kernel.h"

#include <stdio.h>

enum { PARK_MS = 1, NUMBERS = 5 };

struct program *late_server(int workers, int slots)
{
	char text[3][16];

	snprintf(text[0], sizeof text[0], "%d", workers);
	snprintf(text[1], sizeof text[1], "%d", slots);
	snprintf(text[2], sizeof text[2], "%d", PARK_MS);
	return server_start("puppet", "serve", "0", text[0], text[1], text[2], NULL);
}

struct peer *late_client(struct program *server, const char *name)
{
	struct peer *p = peer_connect(server, name);

	peer_say(p, "PING\n");
	peer_expect(p, "PONG");
	return p;
}

void late_gate(struct peer *p, const char *key)
{
	peer_say(p, "OPEN %s\n", key);
	peer_expect(p, "OPENED %s", key);
}

static const char *const names[NUMBERS] = {"open", "closing", "parked", "pinned", "unpinned"};

static void numbers_ask(struct peer *p, long *is)
{
	peer_send_some(p, "STAT\n", 5);
	if (sscanf(peer_line(p), "STAT open %ld closing %ld parked %ld pinned %ld unpinned %ld", &is[0], &is[1],
		   &is[2], &is[3], &is[4]) != NUMBERS)
		judge_broke("the server does not tell its numbers");
}

/* Which number is not as it should be; -1: none. */
static int first_wrong(const long *is, const long *wanted)
{
	for (int i = 0; i < NUMBERS; i++)
		if (wanted[i] >= 0 && is[i] != wanted[i])
			return i;
	return -1;
}

void late_until(struct peer *p, long open, long closing, long parked, long pinned, long unpinned)
{
	long wanted[NUMBERS] = {open, closing, parked, pinned, unpinned}, is[NUMBERS];
	double last = deadline();
	int wrong;

	for (numbers_ask(p, is); (wrong = first_wrong(is, wanted)) >= 0; numbers_ask(p, is)) {
		if (now() > last) {
			should_have("STAT %s %ld", names[wrong], wanted[wrong]);
			but_it_was("%s %ld", names[wrong], is[wrong]);
		}
		nap();
	}
	step("STAT: open %ld, closing %ld, parked %ld, pinned %ld, unpinned %ld", is[0], is[1], is[2], is[3], is[4]);
}

/* The thread has an old handle, of a slot that is bob's now. */
static void old_handle(void)
{
	struct program *server = late_server(1, 2);
	struct peer *dora, *ann, *bob;

	scene("ann's slot goes to bob, then a thread takes ann's handle");
	dora = late_client(server, "dora");
	ann = late_client(server, "ann");
	peer_say(ann, "LATER a\n");
	late_until(dora, 2, 0, 0, 0, 1);
	peer_reset(ann);
	late_until(dora, 1, 0, 0, 0, 1);
	bob = late_client(server, "bob");
	peer_say(bob, "LATER b\n");
	late_gate(dora, "a");
	late_gate(dora, "b");
	peer_expect(bob, "DONE b");
	late_until(dora, 2, 0, 0, 0, 0);
	program_stop(server);
}

/* The thread has a descriptor. When it is closed, the kernel gives its number to bob. */
static void old_descriptor(void)
{
	struct program *server = late_server(1, 3);
	struct peer *dora, *ann, *bob;

	scene("a thread has pinned ann, who leaves; then bob comes");
	dora = late_client(server, "dora");
	ann = late_client(server, "ann");
	peer_say(ann, "WORK a\n");
	late_until(dora, 2, 0, 0, 1, 0);
	peer_reset(ann);
	late_until(dora, 1, -1, -1, 1, 0);
	bob = late_client(server, "bob");
	peer_say(bob, "WORK b\n");
	late_gate(dora, "a");
	late_gate(dora, "b");
	peer_expect(bob, "DONE b");
	late_until(dora, 2, 0, 0, 0, 0);
	program_stop(server);
}

/* One thread, first in, first out: when bob has his answer, ann's job is over. */
CHECK(late_answer)
{
	old_handle();
	old_descriptor();
}

CHECK(left)
{
	struct program *server = late_server(1, 3);
	struct peer *dora, *ann, *carl;

	scene("the server closes ann's connection while a thread has it pinned");
	dora = late_client(server, "dora");
	ann = late_client(server, "ann");
	peer_say(ann, "WORK a\n");
	late_until(dora, 2, 0, 0, 1, 0);
	peer_say(ann, "BYE\n");
	peer_expect_end(ann);
	late_until(dora, 1, 1, 0, 1, 0);
	late_client(server, "bob");
	carl = peer_connect(server, "carl"); /* dora, ann's, bob: three of three */
	peer_expect(carl, "FULL");
	late_gate(dora, "a");
	late_until(dora, 2, 0, 0, 0, 0);
	late_client(server, "carl");
	program_stop(server);
}
