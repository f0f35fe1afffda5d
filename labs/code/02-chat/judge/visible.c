/* The checks of lab 2 that students see. */
#include "kernel.h"
#include "talk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <unistd.h>

CHECK(starts)
{
	struct program *chat = chat_start();

	close(wire_connect(server_port(chat)));
	program_stop(chat);
}

CHECK(welcome)
{
	static const char *const bad[] = {"", "Ann", "ann1", "a b", "abcdefghijklmnopq"};
	struct program *chat = chat_start();
	struct peer *ann = join(chat, "ann"), *other = peer_connect(chat, "bob");

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		peer_say(other, "%s %s\n", word.name, bad[i]);
		peer_expect(other, "?");
	}
	peer_say(other, "%s ann\n", word.name); /* taken */
	peer_expect(other, "?");
	peer_say(other, "%s hello\n", word.say); /* without a name */
	peer_expect(other, "?");
	peer_say(other, "%s bob\n", word.name);
	peer_expect(other, "%s bob", word.welcome);
	peer_expect(ann, "%sbob", word.comes);
	peer_say(other, "HOW ARE YOU\n");
	peer_expect(other, "?");
	peer_say(other, "%s bobby\n", word.name); /* a second name */
	peer_expect(other, "?");
}

CHECK(talk)
{
	struct program *chat = chat_start();
	struct peer *ann = join(chat, "ann");
	struct peer *bob = join_heard(chat, "bob", ann, NULL);
	struct peer *carl = join_heard(chat, "carl", ann, bob, NULL);

	say_heard(ann, "hi", bob, carl, NULL);
	say_heard(bob, "hi ann", ann, carl, NULL); /* ann has not heard herself */
	say_heard(carl, "", ann, bob, NULL);
	say_heard(ann, "three  words  here ", bob, carl, NULL);
	say_heard(carl, "the end", ann, bob, NULL);
}

CHECK(direct)
{
	struct program *chat = chat_start();
	struct peer *ann = join(chat, "ann");
	struct peer *bob = join_heard(chat, "bob", ann, NULL);
	struct peer *carl = join_heard(chat, "carl", ann, bob, NULL);

	peer_say(ann, "%s bob for you alone\n", word.to);
	peer_expect(bob, "ann: for you alone");
	peer_say(ann, "%s nobody hi\n", word.to);
	peer_expect(ann, "?");
	say_heard(bob, "a marker", ann, carl, NULL); /* carl has heard nothing before it */
}

CHECK(pieces)
{
	struct program *chat = chat_start();
	struct peer *ann = join(chat, "ann");
	struct peer *bob = join_heard(chat, "bob", ann, NULL);
	char line[1024];
	size_t n, most = (size_t)variant("LINE_MOST");

	scene("bob sends a line in five pieces; each is read before the next is sent");
	n = (size_t)snprintf(line, sizeof line, "%s hello, world\n", word.say);
	for (size_t i = 0; i < 5; i++) {
		peer_send(bob, line + n * i / 5, n * (i + 1) / 5 - n * i / 5);
		peer_was_read(bob);
	}
	peer_expect(ann, "bob: hello, world");

	scene("bob sends three lines in one piece");
	peer_say(bob, "%s one\n%s two\n%s three\n", word.say, word.say, word.say);
	peer_expect(ann, "bob: one");
	peer_expect(ann, "bob: two");
	peer_expect(ann, "bob: three");

	scene("bob sends one line and a half, then the rest");
	peer_say(bob, "%s one\n%s tw", word.say, word.say);
	peer_expect(ann, "bob: one");
	peer_was_read(bob);
	peer_say(bob, "o\n");
	peer_expect(ann, "bob: two");

	scene("lines that end with CR LF");
	peer_say(bob, "%s windows\r\n", word.say);
	peer_expect(ann, "bob: windows");

	scene("a line of LINE_MOST bytes");
	n = most - strlen(word.say) - 1;
	peer_say(bob, "%s %s\n", word.say, text_of(n));
	peer_expect(ann, "bob: %s", text_of(n));

	scene("a line of LINE_MOST bytes, and CR LF, which is no part of it");
	peer_say(bob, "%s %s\r", word.say, text_of(n));
	peer_was_read(bob);
	peer_say(bob, "\n");
	peer_expect(ann, "bob: %s", text_of(n));

	scene("a line of LINE_MOST + 1 bytes");
	peer_say(bob, "%s %s\n", word.say, text_of(n + 1));
	peer_expect(bob, "? too long");
	peer_expect_closed(bob);
	peer_expect(ann, "%sbob", word.leaves);
}

CHECK(left)
{
	struct program *chat = chat_start();
	struct peer *ann = join(chat, "ann");
	struct peer *eve = join_heard(chat, "eve", ann, NULL), *bob;

	scene("bob says BYE");
	bob = join_heard(chat, "bob", ann, eve, NULL);
	peer_say(bob, "%s\n", word.bye);
	peer_expect_end(bob);
	peer_expect(ann, "%sbob", word.leaves);
	peer_expect(eve, "%sbob", word.leaves);
	say_heard(eve, "a marker", ann, NULL);

	scene("bob closes");
	bob = join_heard(chat, "bob", ann, eve, NULL);
	peer_close(bob);
	peer_expect(ann, "%sbob", word.leaves);
	peer_expect(eve, "%sbob", word.leaves);
	say_heard(eve, "a marker", ann, NULL);

	scene("bob resets the connection");
	bob = join_heard(chat, "bob", ann, eve, NULL);
	peer_reset(bob);
	peer_expect(ann, "%sbob", word.leaves);
	peer_expect(eve, "%sbob", word.leaves);
	say_heard(eve, "a marker", ann, NULL);

	scene("bob closes his half");
	bob = join_heard(chat, "bob", ann, eve, NULL);
	peer_shutdown(bob);
	peer_expect_end(bob);
	peer_expect(ann, "%sbob", word.leaves);
	peer_expect(eve, "%sbob", word.leaves);
	say_heard(eve, "a marker", ann, NULL);

	scene("a client without a name leaves");
	bob = peer_connect(chat, "bob");
	peer_say(bob, "%s\n", word.bye);
	peer_expect_end(bob);
	say_heard(eve, "a marker", ann, NULL);
	say_heard(ann, "a marker", eve, NULL);
}

/* ---- slow -------------------------------------------------------------------------------- */

enum { BURST = 8192, TOTAL = 8 << 20 };

/* So many numbered lines in one piece. */
static size_t burst_write(char *to, long first, int lines)
{
	size_t n = 0;

	for (int i = 0; i < lines; i++)
		n += (size_t)sprintf(to + n, "%s %07ld %s\n", word.say, first + i, text_of(60));
	return n;
}

static void burst_send(struct peer *p, long first, int lines, const char *bytes, size_t n)
{
	char what[64];

	snprintf(what, sizeof what, "lines %ld to %ld, %zu bytes", first, first + lines - 1, n);
	peer_send_as(p, what, bytes, n);
}

static void expect_burst(struct peer *p, long first, int lines, const char *other, bool *heard_other)
{
	char wanted[256];

	for (int i = 0; i < lines; i++) {
		char *line = peer_line(p);

		if (!*heard_other && strcmp(line, other) == 0) {
			*heard_other = true;
			line = peer_line(p);
		}
		snprintf(wanted, sizeof wanted, "ann: %07ld %s", first + i, text_of(60));
		if (strcmp(line, wanted) != 0) {
			should_have("line %ld of ann at %s, %s", first + i, p->name,
				    shown(wanted, 14));
			but_it_was("%s", shown(line, strlen(line)));
		}
	}
}

/* bob stops reading until the kernel is full and the server has to keep the rest, then reads all. */
static void for_a_while(struct program *chat)
{
	struct peer *ann = join(chat, "ann");
	struct peer *bob = join_small(chat, "bob");
	static char bytes[BURST + 256];
	int lines = BURST / 80;
	long sent = 0, before = 0;
	size_t n = 0;
	bool none = true;

	scene("ann talks; bob reads nothing for a while, then all of it");
	peer_expect(ann, "%sbob", word.comes);
	for (long total = 0; total < TOTAL; total += (long)n) {
		struct tcp_row row;

		n = burst_write(bytes, sent, lines);
		burst_send(ann, sent, lines, bytes, n);
		sent += lines;
		if (total < 256 << 10)
			continue;
		peer_was_read(ann);
		row = tcp_look(bob->other, bob->port);
		if (row.unsent - before < (long)n / 2)
			break; /* the kernel takes no more: the rest is in the server */
		before = row.unsent;
	}
	step("%ld bytes for bob lie in the kernel, which takes no more: the server keeps the rest", before);
	expect_burst(bob, 0, (int)sent, "", &none);
	step("bob has had all %ld lines", sent);
	say_heard(bob, "a marker", ann, NULL);
	peer_close(bob);
	peer_expect(ann, "%sbob", word.leaves);
	peer_close(ann);
}

static void for_ever(struct program *chat)
{
	struct peer *ann = join(chat, "ann");
	struct peer *bob = join_heard(chat, "bob", ann, NULL);
	struct peer *slow = join_small(chat, "slow");
	static char bytes[BURST + 256];
	char gone[64];
	int lines = BURST / 80;
	long sent = 0, total = 0;
	bool heard = false;

	scene("slow never reads; ann talks with bob");
	peer_expect(ann, "%sslow", word.comes);
	peer_expect(bob, "%sslow", word.comes);
	snprintf(gone, sizeof gone, "%sslow", word.leaves);
	for (; total < TOTAL && !heard; sent += lines) {
		size_t n = burst_write(bytes, sent, lines);

		burst_send(ann, sent, lines, bytes, n);
		total += (long)n;
		expect_burst(bob, sent, lines, gone, &heard);
	}
	if (!heard) {
		should_have("%s at bob: slow has read nothing of %ld bytes", shown(gone, strlen(gone)), total);
		but_it_was("all %ld lines of ann, and slow is still there", sent);
	}
	peer_expect(ann, "%s", gone);
	say_heard(ann, "a marker", bob, NULL);
	peer_close(slow);
}

CHECK(slow)
{
	struct program *chat = chat_start();
	long memory;

	for_a_while(chat);
	for_ever(chat);
	memory = process_number(program_pid(chat), "VmHWM");
	if (memory > 32 << 10) {
		should_have("at most 32 MiB of memory in the server");
		but_it_was("%ld KiB", memory);
	}
}

/* ---- the server sleeps ------------------------------------------------------------------- */

CHECK(idle_cost)
{
	struct program *chat = chat_start();
	pid_t pid = program_pid(chat);
	struct peer *ann = join(chat, "ann");
	double cpu, last = now() + 1;
	long woken;

	for (int i = 0; i < 20; i++) {
		char name[] = {'b', (char)('a' + i), '\0'};

		join(chat, name);
		peer_expect(ann, "%s%s", word.comes, name);
	}
	peer_was_read(ann);
	while (now() < last && strcmp(process_call(pid), "its own code") == 0)
		nap();
	step("20 clients are silent for 0.3 s");
	woken = process_number(pid, "voluntary_ctxt_switches");
	cpu = process_cpu(pid);
	last = now() + 0.3;
	while (now() < last)
		nap();
	cpu = process_cpu(pid) - cpu;
	woken = process_number(pid, "voluntary_ctxt_switches") - woken;
	if (woken > 1 || cpu > 0.005) {
		should_have("a server that sleeps in select all the time");
		but_it_was("woken %ld times, %.0f ms on a core; it is in %s", woken, cpu * 1000,
			   process_call(pid));
	}
}

CHECK(too_many)
{
	enum { CLIENTS = FD_SETSIZE + 6, NEED = CLIENTS + 60 };
	struct rlimit limit;
	struct program *chat;
	struct peer *ann, *bob, last = {.name = "the last one"};
	static int fds[CLIENTS];

	getrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_max < NEED)
		not_here("%d open descriptors (ulimit -n)", NEED);
	limit.rlim_cur = NEED;
	setrlimit(RLIMIT_NOFILE, &limit);
	chat = chat_start();
	ann = join(chat, "ann");
	bob = join_heard(chat, "bob", ann, NULL);
	step("%d more clients connect", CLIENTS);
	for (int i = 0; i < CLIENTS; i++)
		fds[i] = wire_connect(server_port(chat));
	last.fd = fds[CLIENTS - 1];
	last.server = chat;
	if (last.fd < 0)
		not_here("so many connections at once");
	peer_expect_closed(&last);
	say_heard(ann, "still here", bob, NULL);
	step("all of them leave");
	for (int i = 0; i < CLIENTS; i++)
		close(fds[i]);
	say_heard(bob, "still here", ann, NULL);
	join_heard(chat, "carl", ann, bob, NULL);
}
