#include "feeding.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What two-pieces, guard and others cut into pieces. */
const struct request requests[] = {
    {"", "GET", "/", "1.1", {{"Host", " x", "x"}}, 0, "\r\n"},
    {"", "GET", "/a/b?c=d", "1.0", {{0}}, 0, "\r\n"},
    {"", "HEAD", "/index.html", "1.1", {{"Host", "localhost", "localhost"}, {"Accept", " */*", "*/*"}}, 0, "\r\n"},
    {"\r\n", "GET", "/after-an-empty-line", "1.1", {{"A", " b", "b"}}, 0, "\r\n"},
    {"\n\r\n", "GET", "/", "1.1", {{"A", " b", "b"}}, 0, "\n"},
    {"", "GET", "/", "1.1", {{"Empty", "", ""}, {"Also-Empty", "  \t ", ""}, {"A", " b", "b"}}, 0, "\r\n"},
    {"", "GET", "/", "1.1", {{"Two", "  two words \t", "two words"}, {"Tab", "\ta\t \tb\t", "a\t \tb"}}, 0, "\r\n"},
    {"", "GET", "/", "1.1", {{"X", " \xc3\xa4\xff", "\xc3\xa4\xff"}, {"Y", " a:b: c", "a:b: c"}}, 0, "\r\n"},
    {"", "POST", "/form", "1.1", {{"Host", " x", "x"}}, 5, "\r\n"},
    {"", "POST", "/", "1.1", {{"A", "  b  ", "b"}}, 1, "\n"},
    {"", "GET", "/!~*'();@&=+$,[]", "1.1", {{"!#$%&'*+-.^_`|~0", " 1", "1"}}, 0, "\r\n"},
    {"", NULL, "/extra", "1.1", {{"Content-Lengthy", " many", "many"}, {"Content", " 1", "1"}}, 0, "\r\n"},
    {"", "GET", "/", "1.1", {{"Transfer-Encodin", " x", "x"}, {"content-lengt", " 9", "9"}}, 0, "\r\n"},
    {"", "POST", "/", "1.0", {{"A", " a", "a"}, {"B", "b ", "b"}}, 12, "\r\n"},
};
const int request_count = sizeof requests / sizeof *requests;

/* ---- text -------------------------------------------------------------------------------- */

void text_add(struct text *t, const char *bytes, size_t n)
{
	if (t->n + n + 1 > t->room) {
		t->room = (t->n + n + 1) * 2;
		t->bytes = realloc(t->bytes, t->room);
		if (!t->bytes)
			judge_broke("no memory");
	}
	memcpy(t->bytes + t->n, bytes, n);
	t->n += n;
	t->bytes[t->n] = '\0';
}

void text_say(struct text *t, const char *format, ...)
{
	char line[1024];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line, sizeof line, format, args);
	va_end(args);
	text_add(t, line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1);
}

void text_empty(struct text *t)
{
	t->n = 0;
	text_add(t, "", 0);
}

/* ---- requests ---------------------------------------------------------------------------- */

static void body_add(struct text *to, size_t n)
{
	for (size_t i = 0; i < n; i++)
		text_add(to, &(char){(char)('a' + i % 26)}, 1);
}

static const char *method(const struct request *r)
{
	return r->method ? r->method : variant_text("EXTRA_METHOD");
}

void request_bytes(const struct request *r, struct text *to)
{
	text_say(to, "%s%s %s HTTP/%s%s", r->before, method(r), r->target, r->version, r->end);
	for (const struct header *h = r->headers; h->name; h++)
		text_say(to, "%s:%s%s", h->name, h->raw, r->end);
	if (r->body)
		text_say(to, "cOntent-lenGth: %zu%s", r->body, r->end);
	text_say(to, "%s", r->end);
	body_add(to, r->body);
}

static void part(struct text *to, const char *name, const char *bytes)
{
	text_say(to, "%s \"", name);
	for (; *bytes; bytes++) {
		unsigned char c = (unsigned char)*bytes;

		text_say(to, c == '"' || c == '\\' ? "\\%c" : c < ' ' || c > '~' ? "\\x%02x" : "%c", c);
	}
	text_say(to, "\"\n");
}

void request_parts(const struct request *r, struct text *to)
{
	part(to, "method", method(r));
	part(to, "target", r->target);
	part(to, "version", r->version);
	for (const struct header *h = r->headers; h->name; h++) {
		part(to, "name", h->name);
		part(to, "value", h->value);
	}
	if (r->body) {
		char length[32];

		snprintf(length, sizeof length, "%zu", r->body);
		part(to, "name", "cOntent-lenGth");
		part(to, "value", length);
	}
	part(to, "head-end", "");
	if (r->body) {
		text_say(to, "body \"");
		body_add(to, r->body);
		text_say(to, "\"\n");
	}
	part(to, "end", "");
}

static const char *pick(const char *const *from, size_t n)
{
	return from[dice() % n];
}
#define PICK(list) pick(list, sizeof(list) / sizeof *(list))

void request_random(struct request *r)
{
	static const char *const before[] = {"", "", "\r\n", "\n"}, *const ends[] = {"\r\n", "\r\n", "\n"};
	static const char *const methods[] = {"GET", "HEAD", "POST", NULL};
	static const char *const targets[] = {"/", "/a", "/a?b=c", "/%7e/~", "/long/er/target/with.dots"};
	static const char *const versions[] = {"1.0", "1.1"};
	static const struct header headers[] = {{"A", " b", "b"}, {"Host", "x", "x"}, {"C-1", " \t", ""}, {"Words", " a  b\tc ", "a  b\tc"}, {"Con", " \"q\" ", "\"q\""}, {"Transfer", " chunked", "chunked"}};

	*r = (struct request){.before = PICK(before), .method = PICK(methods), .target = PICK(targets), .version = PICK(versions), .end = PICK(ends)};
	for (size_t i = 0, n = dice() % 6; i < n; i++)
		r->headers[i] = headers[dice() % 6];
	r->body = dice() % 3 ? 0 : dice() % 40;
}

/* ---- feeding ----------------------------------------------------------------------------- */

struct program *puppet(void)
{
	return program_start("puppet", NULL);
}

/* A line of the puppet is `name "bytes"`. Pieces of the same part become one. */
static void told_add(struct text *told, const char *line, char *last)
{
	size_t name = strcspn(line, " "), n = strlen(line);

	if (strlen(last) == name && memcmp(last, line, name) == 0 && told->n >= 2) {
		told->n -= 2; /* its quote and its line end */
		text_add(told, line + name + 2, n - name - 2);
	} else {
		text_add(told, line, n);
	}
	text_add(told, "\n", 1);
	snprintf(last, 16, "%.*s", (int)name, line);
}

int feed(struct program *p, const char *bytes, size_t n, const size_t *cuts, int count, struct text *told)
{
	char last[16] = "", *line;
	int status = 0;
	size_t from = 0;

	text_empty(told);
	tell(p, "new");
	heard_nothing(p);
	for (int i = 0; i <= count; i++) {
		size_t to = i < count ? cuts[i] : n;

		step("fed %s, %zu byte%s", shown(bytes + from, to - from), to - from, to - from == 1 ? "" : "s");
		tell(p, "feed %s", quoted(bytes + from, to - from));
		while ((line = heard(p)))
			if (sscanf(line, "status %d", &status) != 1)
				told_add(told, line, last);
		from = to;
	}
	return status;
}

/* The first line in which they differ, without the ones that are the same. */
void expect_parts(const struct text *wanted, const struct text *told, int status)
{
	const char *w = wanted->bytes, *t = told->bytes;
	size_t wn, tn;

	if (status) {
		should_have("the request accepted, status 0");
		but_it_was("refused with %d", status);
	}
	for (;; w += wn + (w[wn] == '\n'), t += tn + (t[tn] == '\n')) {
		wn = strcspn(w, "\n");
		tn = strcspn(t, "\n");
		if (wn == 0 && tn == 0)
			return;
		if (wn == tn && memcmp(w, t, wn) == 0)
			continue;
		should_have("%.*s", wn > 300 ? 300 : (int)wn, wn ? w : "nothing more");
		if (!wn)
			should_have("nothing more");
		if (!tn)
			but_it_was("nothing more");
		but_it_was("%.*s", tn > 300 ? 300 : (int)tn, t);
	}
}

void expect_request(struct program *p, const struct request *r, const size_t *cuts, int count)
{
	static struct text bytes, wanted, told;
	int status;

	text_empty(&bytes);
	text_empty(&wanted);
	request_bytes(r, &bytes);
	request_parts(r, &wanted);
	status = feed(p, bytes.bytes, bytes.n, cuts, count, &told);
	expect_parts(&wanted, &told, status);
}

void expect_status(struct program *p, const char *bytes, size_t n, int wanted)
{
	static struct text told;
	int status = feed(p, bytes, n, NULL, 0, &told);

	if (status != wanted) {
		should_have(wanted ? "refused with %d" : "accepted, status %d", wanted);
		but_it_was(status ? "refused with %d" : "accepted, status %d", status);
	}
	if (!wanted)
		return;
	step("fed \"GET / HTTP/1.1\\r\\n\\r\\n\", after the refusal");
	tell(p, "feed \"GET / HTTP/1.1\\r\\n\\r\\n\"");
	for (char *line; (line = heard(p));)
		if (sscanf(line, "status %d", &status) != 1 || status != wanted) {
			should_have("status %d again, and nothing told", wanted);
			but_it_was("%s", line);
		}
}
