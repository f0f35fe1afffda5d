/* The checks of lab 2 that students do not see. */
#include "kernel.h"
#include "talk.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

CHECK(order)
{
	enum { WRITERS = 4, LINES = 200 };
	static const char *const names[] = {"ann", "bob", "carl", "dora"};
	struct program *chat = chat_start();
	struct peer *eve = join(chat, "eve"), *fred = join_heard(chat, "fred", eve, NULL), *writer[WRITERS];
	char first[256];

	for (int i = 0; i < WRITERS; i++)
		writer[i] = join_heard(chat, names[i], eve, fred, NULL);
	for (int k = 0; k < LINES; k++)
		for (int i = 0; i < WRITERS; i++)
			peer_say(writer[(i + k) % WRITERS], "%s %d\n", word.say, k);
	scene("four clients say %d lines; eve and fred hear all of them", LINES);
	for (int i = 0; i < WRITERS * LINES; i++) {
		snprintf(first, sizeof first, "%s", peer_line(eve));
		peer_expect(fred, "%s", first);
	}
	say_heard(eve, "a marker", fred, NULL);
}

CHECK(storm)
{
	enum { MANY = 50 };
	struct program *chat = chat_start();
	struct peer *ann = join(chat, "ann"), *bob = join_heard(chat, "bob", ann, NULL), *many[MANY];
	char names[MANY][4];
	bool gone[MANY] = {0}, said = false;

	for (int i = 0; i < MANY; i++) {
		snprintf(names[i], sizeof names[i], "c%c%c", 'a' + i / 10, 'a' + i % 10);
		many[i] = join_heard(chat, names[i], ann, bob, NULL);
	}
	scene("the server is stopped (SIGSTOP); %d clients reset; bob says a line; it goes on", MANY);
	kill(program_pid(chat), SIGSTOP);
	for (int i = 0; i < MANY; i++) {
		if (i % 3 == 0)
			peer_say(many[i], "%s one\n%s two\n", word.to, word.name);
		peer_reset(many[i]);
	}
	peer_say(bob, "%s I stay\n", word.say);
	kill(program_pid(chat), SIGCONT);
	for (int left = MANY; left > 0 || !said;) {
		char *line = peer_line(ann);
		int i = 0;

		if (!said && strcmp(line, "bob: I stay") == 0) {
			said = true;
			continue;
		}
		while (i < MANY && (line[0] != *word.leaves || strcmp(line + 1, names[i]) != 0))
			i++;
		should_have("%d more clients that leave, once each, at ann", left);
		if (i == MANY || gone[i])
			but_it_was("%s", shown(line, strlen(line)));
		gone[i] = true;
		left--;
	}
	for (int i = 0; i < MANY; i++)
		peer_line(bob);
	say_heard(bob, "a marker", ann, NULL);
	say_heard(ann, "a marker", bob, NULL);
	program_stop(chat);
}

CHECK(junk)
{
	struct program *chat = chat_start();
	struct peer *ann = join(chat, "ann"), *bob = join_heard(chat, "bob", ann, NULL);
	struct peer *carl = join_heard(chat, "carl", ann, bob, NULL);
	static char many[1 << 20];
	size_t sent = 0;
	double last;

	scene("bytes above 127");
	say_heard(bob, "\xc3\xa4\xff\x80", ann, carl, NULL);
	scene("NUL bytes, empty lines");
	peer_send(bob, "\0\0\0\n", 4);
	peer_expect(bob, "?");
	peer_send(bob, "\n", 1);
	peer_expect(bob, "?");
	say_heard(bob, "a marker", ann, carl, NULL);
	scene("1 MiB without a line end");
	memset(many, 'x', sizeof many);
	last = deadline();
	while (sent < sizeof many && now() < last && !peer_has_ended(carl)) {
		/* not peer_send: the server may close at any moment, and that is right */
		ssize_t n = send(carl->fd, many + sent, sizeof many - sent, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n > 0)
			sent += (size_t)n;
		else
			nap();
	}
	peer_expect(ann, "%scarl", word.leaves);
	peer_expect(bob, "%scarl", word.leaves);
	say_heard(bob, "a marker", ann, NULL);
}

CHECK(other_numbers)
{
	check_again("talk");
	check_again("direct");
	check_again("pieces");
}

CHECK(clean)
{
	struct program *chat = chat_start();
	struct peer *ann = join(chat, "ann"), *bob = join_heard(chat, "bob", ann, NULL);
	int open_before = process_fds(program_pid(chat));
	struct peer *carl = join_heard(chat, "carl", ann, bob, NULL);
	double last;

	say_heard(ann, "hi", bob, carl, NULL);
	peer_reset(carl);
	peer_expect(ann, "%scarl", word.leaves);
	peer_expect(bob, "%scarl", word.leaves);
	peer_say(bob, "%s\n", word.bye);
	peer_expect(ann, "%sbob", word.leaves);
	bob = join_heard(chat, "bob", ann, NULL);
	step("carl has left, bob has left and come back");
	last = deadline();
	while (process_fds(program_pid(chat)) != open_before && now() < last)
		nap();
	expect_number("open descriptors:", open_before, process_fds(program_pid(chat)));
	peer_say(bob, "half a li");
	peer_was_read(bob);
	program_stop(chat); /* ann and bob are still there */
}
