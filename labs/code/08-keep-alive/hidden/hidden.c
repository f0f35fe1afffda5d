/* The checks of lab 8 that students do not see. */
#include "http.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

CHECK(unread)
{
	enum { UPLOAD = 4 << 20 };
	struct program *server = files_start();
	char *bytes = calloc(1, UPLOAD);

	for (int i = 0; i < 3; i++) {
		struct peer *ann;

		scene("an upload of 4 MiB, which is refused (time %d)", i + 1);
		ann = peer_connect_small(server, "ann", 4096);
		peer_say(ann, "PUT /f1 HTTP/1.1\r\nContent-Length: %d\r\n\r\n", UPLOAD);
		peer_send(ann, bytes, UPLOAD);
		expect_reply(ann, 413, "close", NULL);
		peer_expect_end(ann);
		peer_close(ann);
		get_file(peer_connect(server, "bob"), 2);
	}
}

/* Sends the requests until the server takes no more, for good; how many bytes went. */
static size_t fill(struct peer *p, const char *bytes, size_t n)
{
	size_t sent = 0;

	for (int still = 0; still < 100 && sent < n; still++) {
		size_t now_sent = peer_send_some(p, bytes + sent, n - sent);

		if (now_sent) {
			sent += now_sent;
			still = 0;
		} else {
			nap();
		}
	}
	return sent;
}

/* What the server has not read, when it does not get less any more. */
static long tcp_rest(struct peer *p)
{
	long before = -1, left;

	for (int still = 0; still < 100; still++, nap()) {
		left = tcp_look(p->other, p->port).unread + tcp_look(p->port, p->other).unsent;
		if (left != before)
			still = 0;
		before = left;
	}
	return before;
}

static const char request[] = "GET /f26 HTTP/1.1\r\nHost: xx\r\n\r\n";
enum { ONE = sizeof request - 1 };

static char *requests(int many)
{
	char *text = malloc((size_t)many * ONE);

	for (int i = 0; i < many; i++)
		memcpy(text + (size_t)i * ONE, request, ONE);
	return text;
}

/* Sends up to MANY requests and reads nothing; the server stops reading. How many bytes went. */
static size_t flood_with(struct peer *ann, int many)
{
	size_t sent;

	step("ann sends %d requests and reads nothing", many);
	sent = fill(ann, requests(many), (size_t)many * ONE);
	if (tcp_rest(ann) == 0) {
		should_have("that the server stops reading: its answers are not taken");
		but_it_was("all of %zu bytes read", sent);
	}
	return sent;
}

/* SENT bytes of requests went, the last one perhaps in part: ann sends its rest when all
 * others are answered. */
static void read_them(struct peer *ann, size_t sent)
{
	size_t whole = (sent + ONE - 1) / ONE;

	step("%zu bytes went; now ann reads, and sends the rest of request %zu", sent, whole);
	for (size_t i = 0; i < whole; i++) {
		if (i + 1 == whole && sent % ONE)
			peer_send(ann, request + sent % ONE, ONE - sent % ONE);
		expect_file(ann, 26);
	}
}

static void expect_memory(struct program *server, long before)
{
	long after = process_number(program_pid(server), "VmHWM");

	if (after - before > 4096) {
		should_have("at most 4 MiB more memory in the server");
		but_it_was("%ld KiB more", after - before);
	}
}

CHECK(flood)
{
	struct program *server = files_start();
	struct peer *ann = peer_connect_small(server, "ann", 4096),
		    *bob = peer_connect(server, "bob");
	long before;
	size_t sent;

	get_file(bob, 1);
	before = process_number(program_pid(server), "VmRSS");
	sent = flood_with(ann, 20000);
	for (int i = 0; i < 20; i++)
		get_file(bob, i);
	expect_memory(server, before);
	read_them(ann, sent);
	get_file(ann, 5);
}

static void three_then_fin(struct program *server, bool in_two)
{
	struct peer *ann = peer_connect(server, "ann");

	scene("three requests, then FIN%s", in_two ? ", in two pieces" : "");
	peer_say(ann, "GET /f1 HTTP/1.1\r\n\r\nGET /f2 HTTP/1.1\r\n\r\nGET /f");
	if (in_two)
		peer_was_read(ann);
	peer_say(ann, "3 HTTP/1.1\r\n\r\n");
	peer_shutdown(ann);
	for (int i = 1; i <= 3; i++)
		expect_file(ann, i);
	peer_expect_end(ann);
}

static void fin_inside(struct program *server)
{
	struct peer *ann = peer_connect(server, "ann");

	scene("FIN in the middle of a request: no answer");
	peer_say(ann, "GET /f1 HTTP/1.1\r\n\r\nGET /f2 HTT");
	peer_shutdown(ann);
	expect_file(ann, 1);
	peer_expect_end(ann);
}

CHECK(half_closed)
{
	struct program *server = files_start();

	three_then_fin(server, false);
	three_then_fin(server, true);
	fin_inside(server);
}

CHECK(mixed)
{
	struct program *server = files_start();
	struct peer *ann = peer_connect_small(server, "ann", 65536);

	for (int i = 0; i < 2; i++) {
		peer_say(ann, "GET /big HTTP/1.1\r\n\r\nGET /f1 HTTP/1.1\r\n\r\nGET /f2 "
			      "HTTP/1.1\r\n\r\nHEAD /big HTTP/1.1\r\n\r\n");
		expect_reply(ann, 200, "keep-alive", NULL);
		expect_file(ann, 1);
		expect_file(ann, 2);
		expect_head(ann, BIG);
	}
	get_file(ann, 3);
}

/* Everything lies in the kernel before the server sees the first byte. */
CHECK(fair)
{
	enum { MANY = 2000 };
	struct program *server = files_start();
	struct peer *ann = peer_connect(server, "ann"), *bob = peer_connect(server, "bob");
	size_t sent;

	get_file(ann, 1);
	get_file(bob, 1);
	step("the server is stopped (SIGSTOP); ann sends %d requests, bob one", MANY);
	kill(program_pid(server), SIGSTOP);
	sent = fill(ann, requests(MANY), (size_t)MANY * ONE) / ONE;
	peer_say(bob, "GET /f2 HTTP/1.1\r\n\r\n");
	kill(program_pid(server), SIGCONT);
	expect_file(bob, 2);
	for (size_t i = 0; i < sent; i++)
		expect_file(ann, 26);
	get_file(bob, 3); /* the server still runs */
}

CHECK(other_numbers)
{
	check_again("decide");
	check_again("bodies");
	check_again("errors");
}

/* ---- with the sanitizers ------------------------------------------------------------------ */

static void every_answer(struct peer *ann)
{
	peer_say(ann, "GET /f1 HTTP/1.1\r\n\r\nGET /nothing HTTP/1.1\r\n\r\nPOST / "
		      "HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcHEAD /f2 HTTP/1.1\r\n\r\n");
	expect_file(ann, 1);
	expect_reply(ann, 404, "keep-alive", NULL);
	expect_reply(ann, 405, "keep-alive", NULL);
	expect_head(ann, (long)strlen(text_of(2)));
	peer_say(ann, "HELLO\r\n\r\n");
	expect_reply(ann, 400, "close", NULL);
	peer_expect_end(ann);
	peer_close(ann);
}

static void ask_for_big(struct peer *p)
{
	peer_say(p, "GET /big HTTP/1.1\r\n\r\n");
	peer_look(p, 1000);
}

static void expect_fds(struct program *server, int wanted)
{
	double last = deadline();

	while (process_fds(program_pid(server)) != wanted && now() < last)
		nap();
	expect_number("open descriptors:", wanted, process_fds(program_pid(server)));
}

CHECK(clean)
{
	struct program *server = files_start();
	struct peer *bob = peer_connect(server, "bob"), *ann;
	int before;

	get_file(bob, 1);
	peer_say(bob, "GET /nothing HTTP/1.1\r\n\r\n"); /* no file is open now */
	expect_reply(bob, 404, "keep-alive", NULL);
	before = process_fds(program_pid(server));
	every_answer(peer_connect(server, "ann"));
	ann = peer_connect(server, "ann");
	ask_for_big(ann);
	peer_reset(ann);
	get_file(bob, 2);
	expect_fds(server, before);
	ask_for_big(peer_connect_small(server, "still", 4096)); /* it is served when the server ends */
	program_stop(server);
}
