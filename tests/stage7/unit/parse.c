/* The parser: with the input's end against a page that cannot be read, and split everywhere. */
#include "http/message/parse.h"

#include <sys/mman.h>
#include <unistd.h>

#include "http/message/dechunk.h"
#include "http/message/uri.h"
#include "unit.h"

static char *page_end; /* one byte further and the kernel stops us */

static void make_page(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(pages != MAP_FAILED);
	CHECK(mprotect(pages + page, page, PROT_NONE) == 0);
	page_end = pages + page;
}

static struct str at_page_end(const char *text, size_t len)
{
	memcpy(page_end - len, text, len);
	return (struct str){page_end - len, len};
}

static const struct {
	const char *line;
	int status;
	const char *path, *args;
	int version;
	bool plain;
} lines[] = {
    {"GET / HTTP/1.1", 0, "/", "", 1001, true},
    {"GET /a/b?c=d&e HTTP/1.0", 0, "/a/b", "c=d&e", 1000, true},
    {"GET /a%20b HTTP/1.1", 0, "/a%20b", "", 1001, false},
    {"GET /a//b HTTP/1.1", 0, "/a//b", "", 1001, false},
    {"GET /./b HTTP/1.1", 0, "/./b", "", 1001, false},
    {"GET http://x:80/a?b HTTP/1.1", 0, "/a", "b", 1001, true},
    {"GET http://x HTTP/1.1", 0, "/", "", 1001, true},
    {"GET http://x?q HTTP/1.1", 0, "/", "q", 1001, true},
    {"OPTIONS * HTTP/1.1", 0, "*", "", 1001, true},
    {"GET /a#b HTTP/1.1", 400, NULL, NULL, 0, false},
    {"GET /a?b#c HTTP/1.1", 400, NULL, NULL, 0, false},
    {"GET http://x#/a HTTP/1.1", 400, NULL, NULL, 0, false},
    {"CONNECT x:80#a HTTP/1.1", 400, NULL, NULL, 0, false},
    {"GET .x://y/a HTTP/1.1", 400, NULL, NULL, 0, false},
    {"GET 1x://y/a HTTP/1.1", 400, NULL, NULL, 0, false},
    {"GET x1+-.://y/a HTTP/1.1", 0, "/a", "", 1001, true},
    {"GET /", 0, "/", "", 9, true},
    {"POST /", 400, NULL, NULL, 0, false},
    {"GET", 400, NULL, NULL, 0, false},
    {"GET ", 400, NULL, NULL, 0, false},
    {"", 400, NULL, NULL, 0, false},
    {" GET / HTTP/1.1", 400, NULL, NULL, 0, false},
    {"GET * HTTP/1.1", 400, NULL, NULL, 0, false},
    {"CONNECT  HTTP/1.1", 400, NULL, NULL, 0, false},
    {"GET http:///a HTTP/1.1", 400, NULL, NULL, 0, false},
    {"GET / HTTP/1.1 ", 400, NULL, NULL, 0, false},
    {"GET / http/1.1", 400, NULL, NULL, 0, false},
    {"GET / HTTP/3.0", 505, NULL, NULL, 0, false},
};

static void request_lines(void)
{
	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		struct request_line l;
		size_t len = strlen(lines[i].line);

		CHECK_NUMBER(lines[i].status, parse_request_line(at_page_end(lines[i].line, len), &l));
		if (lines[i].status != 0)
			continue;
		CHECK_STR(lines[i].path, l.path);
		CHECK_STR(lines[i].args, l.args.data != NULL ? l.args : STR_NONE);
		CHECK_NUMBER(lines[i].version, l.version);
		CHECK_NUMBER(lines[i].plain, l.plain);
		/* every beginning of it: no matter what, but no byte too far */
		for (size_t part = 0; part < len; part++)
			parse_request_line(at_page_end(lines[i].line, part), &l);
	}
}

static void header_lines(void)
{
	static const char line[] = "Content-Type: \t text/plain \t";
	struct str name, value;

	for (size_t part = 0; part < sizeof(line); part++)
		parse_header_line(at_page_end(line, part), false, &name, &value);
	CHECK_NUMBER(HEADER_LINE_GOOD,
		     parse_header_line(at_page_end(line, sizeof(line) - 1), false, &name, &value));
	CHECK_STR("Content-Type", name);
	CHECK_STR("text/plain", value);
	CHECK_NUMBER(HEADER_LINE_ODD_NAME, parse_header_line(STR("a_b: c"), false, &name, &value));
	CHECK_NUMBER(HEADER_LINE_GOOD, parse_header_line(STR("a_b: c"), true, &name, &value));
	CHECK_NUMBER(HEADER_LINE_BAD, parse_header_line(STR("a b: c"), true, &name, &value));
	CHECK_NUMBER(HEADER_LINE_BAD, parse_header_line(STR("a: b\0c"), true, &name, &value));
}

/* Whatever the pieces in which the bytes come, the lines are the same. */
static void lines_in_pieces(void)
{
	static const char text[] = "first\r\nsecond\n\r\nrest";

	for (size_t first = 0; first < sizeof(text); first++) {
		const char *start = at_page_end(text, sizeof(text) - 1).data;
		const char *line = start, *scan = start, *ends[] = {start + first, page_end};
		struct str taken;
		char all[64] = "";

		for (size_t i = 0; i < 2; i++) {
			if (ends[i] > page_end)
				continue;
			while (parse_take_line(&line, &scan, ends[i], &taken)) {
				strncat(all, taken.data, taken.len);
				strcat(all, "|");
			}
		}
		CHECK_STR("first|second||", str_from(all));
		CHECK(page_end - line == 4);
	}
}

static const struct {
	const char *path, *normal; /* NULL: refused */
} paths[] = {
    {"/", "/"},		 {"/a/./b", "/a/b"},	  {"/a/../b", "/b"},  {"/..", NULL},
    {"/a/../..", NULL},  {"/%2e%2e/x", NULL},	  {"/a//b", "/a/b"},  {"//", "/"},
    {"/a/.", "/a/"},	 {"/a/..", "/"},	  {"/a/b/..", "/a/"}, {"/%41%20", "/A "},
    {"/%00", NULL},	 {"/%4", NULL},		  {"/%", NULL},	      {"/%g0", NULL},
    {"/...", "/..."},	 {"/.a", "/.a"},	  {"/a/..b", "/a/..b"}, {"/a%2fb", "/a/b"},
    {"/a/%2e./b", "/b"}, {"/a/b/../../c", "/c"},
};

static void normal_paths(void)
{
	for (size_t i = 0; i < COUNT_OF(paths); i++) {
		char room[64];
		struct str normal, path = at_page_end(paths[i].path, strlen(paths[i].path));
		bool good = uri_normalise(path, true, room, &normal);

		if (good != (paths[i].normal != NULL))
			printf("%s\n", paths[i].path);
		CHECK_NUMBER(paths[i].normal != NULL, good);
		if (good)
			CHECK_STR(paths[i].normal, normal);
	}
}

static enum chunked_result decode(struct chunked *c, const char *at, const char *end, char *all)
{
	enum chunked_result result;
	struct str data;

	while ((result = chunked_next(c, &at, end, &data)) == CHUNKED_DATA)
		strncat(all, data.data, data.len);
	return result;
}

static void chunks_in_pieces(void)
{
	static const char text[] = "5;ext=\"x\"\r\nhello\r\nA\r\n, to you! \r\n0\r\nTrailer: x\r\n\r\n";
	size_t len = sizeof(text) - 1;
	const char *start = at_page_end(text, len).data;

	for (size_t first = 0; first < len; first++) {
		struct chunked c = {0};
		char all[64] = "";

		CHECK_NUMBER(CHUNKED_MORE, decode(&c, start, start + first, all));
		CHECK_NUMBER(CHUNKED_END, decode(&c, start + first, page_end, all));
		CHECK_STR("hello, to you! ", str_from(all));
	}
}

static void bad_chunks(void)
{
	static const char *const bad[] = {"x", "\r\n", "5 x\rhello", "5\r\nhelloX", "fffffffffffffffff\r\n",
					  "-1\r\n", "5\rx"};

	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct chunked c = {0};
		char all[64] = "";

		CHECK_NUMBER(CHUNKED_BAD, decode(&c, bad[i], bad[i] + strlen(bad[i]), all));
	}
}

int main(void)
{
	make_page();
	request_lines();
	header_lines();
	lines_in_pieces();
	normal_paths();
	chunks_in_pieces();
	bad_chunks();
	return 0;
}
