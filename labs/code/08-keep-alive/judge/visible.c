/* The checks of lab 8 that students see. */
#include "http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

CHECK(starts)
{
	struct program *server = files_start();
	struct peer *ann = peer_connect(server, "ann");
	char *line;

	peer_say(ann, "GET /f1 HTTP/1.0\r\n\r\n");
	line = peer_line(ann);
	if (strncmp(line, "HTTP/1.1 200", 12) != 0) {
		should_have("an answer 200");
		but_it_was("%s", shown(line, strlen(line)));
	}
	peer_expect_closed(ann);
	program_stop(server);
}

CHECK(keep)
{
	struct program *server = files_start();
	struct peer *ann = peer_connect(server, "ann");

	get_file(ann, 3);
	get_file(ann, 11);
	get_file(ann, 36);
	peer_close(ann);
	ann = peer_connect(server, "bob");
	get_file(ann, 7);
}

CHECK(decide)
{
	static const struct {
		const char *version, *fields;
		bool keeps;
	} rows[] = {
	    {"1.1", "", true},
	    {"1.0", "", false},
	    {"1.1", "Connection: close\r\n", false},
	    {"1.1", "Connection: keep-alive\r\n", true},
	    {"1.0", "Connection: keep-alive\r\n", true},
	    {"1.0", "Connection: Keep-Alive\r\n", true},
	    {"1.1", "connection: CLOSE\r\n", false},
	    {"1.1", "Connection: Close, x\r\n", false},
	    {"1.1", "Connection: x ,\tclose\r\n", false},
	    {"1.1", "Connection: xclose\r\n", true},
	    {"1.1", "Connection: close-x, x close\r\n", true},
	    {"1.1", "Connection: close, keep-alive\r\n", false},
	    {"1.0", "Connection: keep-alive, close\r\n", false},
	    {"1.0", "Connection: x\r\nConnection: keep-alive\r\n", true},
	    {"1.1", "Connection: x\r\nConnection: close\r\n", false},
	    {"1.1", "X-Connection: close\r\n", true},
	    {"1.1", "LAST: yes\r\n", false},
	    {"1.1", "LAST: yesterday\r\n", true},
	};
	struct program *server = files_start();

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *fields = rows[i].fields;
		bool last = strncmp(fields, "LAST", 4) == 0;
		struct peer *ann;

		scene("row %zu of %zu", i + 1, sizeof rows / sizeof *rows);
		ann = peer_connect(server, "ann");
		peer_say(ann, "GET /f%zu HTTP/%s\r\nHost: x\r\n%s%s\r\n", i, rows[i].version,
			 last ? variant_text("LAST_FIELD") : "", last ? fields + 4 : fields);
		expect_reply(ann, 200, rows[i].keeps ? "keep-alive" : "close", text_of((int)i));
		if (rows[i].keeps)
			get_file(ann, 50);
		else
			peer_expect_end(ann);
		peer_close(ann);
	}
}

CHECK(most)
{
	enum { MOST = 5 };
	struct program *server = files_start_with(100000, MOST);

	for (int i = 0; i < 2; i++) {
		struct peer *ann = peer_connect(server, i ? "bob" : "ann");

		for (int n = 1; n < MOST; n++)
			get_file(ann, n);
		peer_say(ann, "GET /f9 HTTP/1.1\r\n\r\nGET /f8 HTTP/1.1\r\n\r\n");
		expect_reply(ann, 200, "close", text_of(9));
		peer_expect_end(ann);
	}
}

/* Requests for all files, one after the other. */
static char *all_requests(size_t *n)
{
	char *text = malloc(FILES * 64), *p = text;

	for (int i = 0; i < FILES; i++)
		p += sprintf(p, "GET /f%d HTTP/1.1\r\nHost: x\r\n\r\n", i);
	*n = (size_t)(p - text);
	return text;
}

CHECK(order)
{
	struct program *server = files_start();
	struct peer *ann = peer_connect(server, "ann");
	size_t n;
	char *text = all_requests(&n);

	for (int i = 0; i < 2; i++) {
		scene("%d requests in one write, time %d", FILES, i + 1);
		peer_send(ann, text, n);
		for (int file = 0; file < FILES; file++)
			expect_file(ann, file);
	}
	get_file(ann, 5);
}

CHECK(cut)
{
	static const char text[] =
	    "GET /f12 HTTP/1.1\r\nHost: a\r\n\r\nGET /f13 HTTP/1.1\r\nHost: b\r\n\r\n";
	struct program *server = files_start();

	for (size_t at = 1; at < sizeof text - 1; at++) {
		struct peer *ann;

		scene("two requests, cut after byte %zu of %zu", at, sizeof text - 1);
		ann = peer_connect(server, "ann");
		peer_send(ann, text, at);
		peer_was_read(ann);
		peer_send(ann, text + at, sizeof text - 1 - at);
		expect_file(ann, 12);
		expect_file(ann, 13);
		peer_close(ann);
	}
}

CHECK(bodies)
{
	static const char body[] = "GET /f1 HTTP/1.1\r\nHost: x\r\n\r\n";
	struct program *server = files_start();
	struct peer *ann = peer_connect(server, "ann");
	long most = variant("BODY_MOST");
	char *large = calloc(1, (size_t)most);

	scene("a body that looks like a request, then a request");
	peer_say(ann,
		 "POST /f2 HTTP/1.1\r\nContent-Length: %zu\r\n\r\n%sGET /f3 HTTP/1.1\r\n\r\n",
		 sizeof body - 1, body);
	expect_reply(ann, 405, "keep-alive", NULL);
	expect_file(ann, 3);
	scene("the same in pieces, each read by itself");
	peer_say(ann, "POST /f2 HTTP/1.1\r\nContent-Length: %zu\r\n\r\n", sizeof body - 1);
	peer_was_read(ann);
	for (size_t at = 0; at < sizeof body - 1; at += 6) {
		peer_send(ann, body + at, sizeof body - 1 - at < 6 ? sizeof body - 1 - at : 6);
		peer_was_read(ann);
	}
	expect_reply(ann, 405, "keep-alive", NULL);
	get_file(ann, 4);
	scene("a GET with a body, a PUT without one, and a body of BODY_MOST bytes (%ld)",
	      most);
	peer_say(ann,
		 "GET /f5 HTTP/1.1\r\nContent-Length: 5\r\n\r\nGET /GET /f6 HTTP/1.1\r\n\r\n");
	expect_file(ann, 5);
	expect_file(ann, 6);
	peer_say(ann, "PUT /f5 HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
	expect_reply(ann, 405, "keep-alive", NULL);
	memset(large, '\n', (size_t)most);
	peer_say(ann, "PUT /f5 HTTP/1.1\r\nContent-Length: %ld\r\n\r\n", most);
	peer_send(ann, large, (size_t)most);
	expect_reply(ann, 405, "keep-alive", NULL);
	get_file(ann, 7);
}

CHECK(errors)
{
	static const struct {
		const char *text;
		int status;
	} bad[] = {
	    {"HELLO\r\n\r\n", 400},
	    {"GET /f1\r\n\r\n", 400},
	    {"GET /f1 HTTP/1.1\r\nNo colon\r\n\r\n", 400},
	    {"POST /f1 HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400},
	    {"POST /f1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 501},
	};
	struct program *server = files_start();
	struct peer *ann = peer_connect(server, "ann");

	scene("errors after which the connection goes on");
	peer_say(
	    ann,
	    "GET /nothing HTTP/1.1\r\n\r\nDELETE /f1 HTTP/1.1\r\n\r\nGET /f2 HTTP/1.1\r\n\r\n");
	expect_reply(ann, 404, "keep-alive", NULL);
	expect_reply(ann, 405, "keep-alive", NULL);
	expect_file(ann, 2);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		scene("the end of this one cannot be known: %s",
		      shown(bad[i].text, strlen(bad[i].text)));
		ann = peer_connect(server, "ann");
		peer_say(ann, "GET /f3 HTTP/1.1\r\n\r\n%sGET /f4 HTTP/1.1\r\n\r\n",
			 bad[i].text);
		expect_file(ann, 3);
		expect_reply(ann, bad[i].status, "close", NULL);
		peer_expect_end(ann);
		peer_close(ann);
	}
	scene("a body of BODY_MOST + 1 bytes");
	ann = peer_connect(server, "ann");
	peer_say(ann, "PUT /f3 HTTP/1.1\r\nContent-Length: %ld\r\n\r\n",
		 variant("BODY_MOST") + 1);
	expect_reply(ann, 413, "close", NULL);
	peer_expect_end(ann);
}

CHECK(head)
{
	struct program *server = files_start();
	struct peer *ann = peer_connect(server, "ann");

	for (int i = 0; i < 3; i++) {
		peer_say(ann,
			 "HEAD /f%d HTTP/1.1\r\n\r\nHEAD /big HTTP/1.1\r\n\r\nGET /f%d "
			 "HTTP/1.1\r\n\r\n",
			 i, i);
		expect_head(ann, (long)strlen(text_of(i)));
		expect_head(ann, BIG);
		expect_file(ann, i);
	}
}

/* P is closed; not before KEEP_MS after BEGAN. */
static void expect_idle_end(struct peer *p, double began, int keep)
{
	peer_expect_end(p);
	if ((now() - began) * 1e3 < keep) {
		should_have("the end %d ms after the client's last byte, or later", keep);
		but_it_was("after %.1f ms", (now() - began) * 1e3);
	}
}

CHECK(idle)
{
	int keep = (int)(400 * (slowness() < 4 ? slowness() : 4));
	struct program *server = files_start_with(keep, 100000);
	struct peer *silent = peer_connect(server, "silent"), *ann, *half;
	double began = now(), last;

	get_file(silent, 1);
	ann = peer_connect(server, "ann");
	half = peer_connect(server, "half");
	while ((now() - began) * 1e3 < keep / 2)
		nap();
	last = now();
	get_file(ann, 2);
	peer_say(half, "GET /f3 HT");
	expect_idle_end(silent, began, keep);
	expect_idle_end(ann, last, keep);
	expect_idle_end(half, last, keep);
}
