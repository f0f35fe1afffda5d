/* The checks of lab 1 that students see. */
#include "feeding.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct request good = {"", "GET", "/", "1.1", {{"Host", " x", "x"}}, 0, "\r\n"};

CHECK(starts)
{
	struct program *p = puppet();

	tell(p, "size");
	while (heard(p))
		continue;
	program_end(p);
}

CHECK(line)
{
	static const struct request lines[] = {
	    {"", "GET", "/a", "1.1", {{0}}, 0, "\r\n"},
	    {"", "GET", "/", "1.0", {{0}}, 0, "\r\n"},
	    {"", "HEAD", "/a/b/c.html?x=1&y=2", "1.1", {{0}}, 0, "\r\n"},
	    {"", "POST", "/", "1.1", {{0}}, 0, "\r\n"},
	    {"", NULL, "/extra", "1.1", {{0}}, 0, "\r\n"},
	    {"", "GET", "/lf-alone", "1.1", {{0}}, 0, "\n"},
	    {"\r\n", "GET", "/one-empty-line-before", "1.1", {{0}}, 0, "\r\n"},
	    {"\r\n\n\r\n", "GET", "/three-empty-lines-before", "1.1", {{0}}, 0, "\r\n"},
	    {"", "GET", "/!~*'();:@&=+$,?#[]", "1.1", {{0}}, 0, "\r\n"},
	};
	struct program *p = puppet();

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		scene("request line %zu", i + 1);
		expect_request(p, &lines[i], NULL, 0);
	}
}

struct refusal {
	const char *bytes;
	int status;
};

static void expect_refusals(const struct refusal *r)
{
	struct program *p = puppet();

	for (int i = 1; r->bytes; r++, i++) {
		scene("bad request %d", i);
		expect_status(p, r->bytes, strlen(r->bytes), r->status);
		scene("a good request after bad request %d", i);
		expect_request(p, &good, NULL, 0);
	}
}

CHECK(refused_line)
{
	static const struct refusal all[] = {
	    {"BREW / HTTP/1.1\r\n", 501},
	    {"get / HTTP/1.1\r\n", 501},
	    {"GETT / HTTP/1.1\r\n", 501},
	    {"GE / HTTP/1.1\r\n", 501},
	    {" GET / HTTP/1.1\r\n", 400},
	    {"G\x01T / HTTP/1.1\r\n", 400},
	    {"GET  / HTTP/1.1\r\n", 400},
	    {"GET /\r\n", 400},
	    {"GET http://x/ HTTP/1.1\r\n", 400},
	    {"GET /a\tb HTTP/1.1\r\n", 400},
	    {"GET / HTTP/1.1 \r\n", 400},
	    {"GET / HTTP/1.\r\n", 400},
	    {"GET / http/1.1\r\n", 400},
	    {"GET / HTTP/1.10\r\n", 400},
	    {"GET / HTTP/2.0\r\n", 505},
	    {"GET / HTTP/1.2\r\n", 505},
	    {"GET / HTTP/1.1\rX", 400},
	    {"\rGET / HTTP/1.1\r\n", 400},
	    {NULL, 0},
	};

	expect_refusals(all);
}

CHECK(headers)
{
	struct program *p = puppet();

	for (int i = 0; i < request_count; i++) {
		scene("head %d", i + 1);
		if (!requests[i].body)
			expect_request(p, &requests[i], NULL, 0);
	}
}

CHECK(refused_headers)
{
#define HEAD "GET / HTTP/1.1\r\n"
	static const struct refusal all[] = {
	    {HEAD "Host : x\r\n\r\n", 400},   {HEAD "Host\r\n\r\n", 400},
	    {HEAD ": x\r\n\r\n", 400},        {HEAD "A: b\r\n c\r\n\r\n", 400},
	    {HEAD "A: b\r\n\tc\r\n\r\n", 400}, {HEAD " A: b\r\n\r\n", 400},
	    {HEAD "A b: c\r\n\r\n", 400},     {HEAD "A: b\rc\r\n\r\n", 400},
	    {HEAD "A: b\r\rc\r\n\r\n", 400},  {HEAD "A: \x01\r\n\r\n", 400},
	    {HEAD "A: b\x7f\r\n\r\n", 400},   {HEAD "A\x80: b\r\n\r\n", 400},
	    {HEAD "A(b): c\r\n\r\n", 400},    {HEAD "A: b\r\n\rX", 400},
	    {HEAD "Transfer-Encoding: chunked\r\n\r\n", 501},
	    {HEAD "tRANSFER-eNCODING:identity\r\n\r\n", 501},
	    {NULL, 0},
	};
	struct program *p = puppet();

	scene("a head with a NUL byte in a value");
	expect_status(p, HEAD "A: b\0c\r\n\r\n", sizeof HEAD + 8, 400);
	scene("a head with a NUL byte in a name");
	expect_status(p, HEAD "A\0b: c\r\n\r\n", sizeof HEAD + 8, 400);
	expect_refusals(all);
}

CHECK(two_pieces)
{
	struct program *p = puppet();
	struct text bytes = {0};

	for (int i = 0; i < request_count; i++) {
		text_empty(&bytes);
		request_bytes(&requests[i], &bytes);
		for (size_t cut = 1; cut < bytes.n; cut++) {
			scene("request %d, cut at byte %zu", i + 1, cut);
			expect_request(p, &requests[i], &cut, 1);
		}
	}
}

/* TEXT in one piece: 0 should be said for it, and WANTED for the byte that follows. */
static void expect_limit(struct program *p, const char *what, const struct text *text, char next, int wanted)
{
	char *line;
	int status = -1;

	scene("%s", what);
	expect_status(p, text->bytes, text->n, 0);
	step("fed %s, one byte more", shown(&next, 1));
	tell(p, "feed %s", quoted(&next, 1));
	while ((line = heard(p)))
		sscanf(line, "status %d", &status);
	should_have(wanted ? "refused with %d" : "accepted, status %d", wanted);
	if (status != wanted)
		but_it_was("status %d", status);
}

static void fill(struct text *t, size_t n)
{
	while (t->n < n)
		text_add(t, "x", 1);
}

CHECK(limits)
{
	size_t line = (size_t)variant("LINE_MOST"), head = (size_t)variant("HEAD_MOST");
	long headers = variant("HEADERS_MOST");
	struct program *p = puppet();
	struct text t = {0};

	text_say(&t, "GET /");
	fill(&t, line);
	expect_limit(p, "a request line of LINE_MOST bytes, in its target", &t, 'x', 414);
	t.n = line - 9;
	text_say(&t, " HTTP/1.1");
	expect_limit(p, "a request line of LINE_MOST bytes, complete", &t, '\r', 0);
	text_say(&t, "\r\nA: b\r\n\r");
	expect_limit(p, "the same with a head", &t, '\n', 0);
	text_empty(&t);
	fill(&t, line);
	expect_limit(p, "a method of LINE_MOST bytes", &t, 'x', 414);

	text_empty(&t);
	text_say(&t, "GET / HTTP/1.1\r\n");
	for (long i = 0; i < headers; i++)
		text_say(&t, "A: b\r\n");
	expect_limit(p, "HEADERS_MOST headers, then one more begins", &t, 'A', 431);
	expect_limit(p, "HEADERS_MOST headers, then the head ends", &t, '\n', 0);

	text_empty(&t);
	text_say(&t, "\r\nGET / HTTP/1.1\r\nA: ");
	fill(&t, head);
	expect_limit(p, "a head of HEAD_MOST bytes that does not end", &t, 'x', 431);
	t.n = head - 3;
	text_say(&t, "\r\n\r");
	expect_limit(p, "a head of HEAD_MOST bytes, then its last byte", &t, '\n', 431);
	t.n = head - 4;
	text_say(&t, "\r\n\r");
	expect_limit(p, "a head of HEAD_MOST bytes with its last byte", &t, '\n', 0);

	text_empty(&t);
	text_say(&t, "GET / HTTP/1.1\r\nA: b%32sc%32s", "", "");
	expect_limit(p, "32 bytes of white space in a value, then one more", &t, ' ', 400);
	free(t.bytes);
}

CHECK(body)
{
	struct request r = {"", "POST", "/form", "1.1", {{"Host", " x", "x"}}, 0, "\r\n"};
	static const size_t sizes[] = {1, 2, 25, 70000};
	struct program *p = puppet();
	struct text bytes = {0};
	size_t cuts[4];

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		r.body = sizes[i];
		text_empty(&bytes);
		request_bytes(&r, &bytes);
		scene("a body of %zu bytes in one piece with its head", r.body);
		expect_request(p, &r, NULL, 0);
		cuts[0] = bytes.n - r.body;
		scene("a body of %zu bytes in a piece of its own", r.body);
		expect_request(p, &r, cuts, 1);
		if (r.body < 8)
			continue;
		for (int k = 1; k < 4; k++)
			cuts[k] = cuts[0] + (r.body - 1) * (size_t)k / 4;
		scene("a body of %zu bytes in four pieces", r.body);
		expect_request(p, &r, cuts, 4);
	}
	scene("Content-Length: 0");
	text_empty(&bytes);
	text_say(&bytes, "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
	expect_status(p, bytes.bytes, bytes.n, 0);
	free(bytes.bytes);
}

CHECK(next_request)
{
	struct program *p = puppet();
	struct text bytes = {0}, wanted = {0}, told = {0};
	int status;

	for (int i = 0; i + 2 < request_count; i++) {
		text_empty(&bytes);
		text_empty(&wanted);
		request_bytes(&requests[i], &bytes);
		request_parts(&requests[i], &wanted);
		request_bytes(&requests[i + 1], &bytes);
		request_parts(&requests[i + 1], &wanted);
		text_say(&bytes, "GET /half HT");
		text_say(&wanted, "method \"GET\"\ntarget \"/half\"\n");
		scene("requests %d and %d, and half of a third", i + 1, i + 2);
		status = feed(p, bytes.bytes, bytes.n, NULL, 0, &told);
		expect_parts(&wanted, &told, status);
	}
}
