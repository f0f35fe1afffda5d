/* The head of another server's answer: what it says, split everywhere; and what is refused. */
#include "modules/proxy/message/reply.h"

#include <sys/mman.h>
#include <unistd.h>

#include "http/message/response.h"
#include "unit.h"

static char *page_end; /* one byte further and the kernel stops us */

static void make_page(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *pages =
	    mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(pages != MAP_FAILED);
	CHECK(mprotect(pages + page, page, PROT_NONE) == 0);
	page_end = pages + page;
}

enum { NO = LENGTH_UNKNOWN };

static const struct {
	const char *head;
	bool head_only;
	int status;
	enum framing framing;
	int64_t length;
	bool stays;
} good[] = {
    {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", false, 200, FRAMING_LENGTH, 5, true},
    {"HTTP/1.1 200 OK\r\ncontent-LENGTH:5\r\n\r\n", false, 200, FRAMING_LENGTH, 5, true},
    {"HTTP/1.1 200\r\nContent-Length: \t5 \t\r\n\r\n", false, 200, FRAMING_LENGTH, 5, true},
    {"HTTP/1.1 200 \r\nContent-Length : 5\r\n\r\n", false, 200, FRAMING_LENGTH, 5, true},
    {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false, 200, FRAMING_LENGTH, 0, true},
    {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", true, 200, FRAMING_NONE, 5, true},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n", false, 200, FRAMING_CHUNKED, NO, true},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", true, 200, FRAMING_NONE, NO, true},
    {"HTTP/1.1 200 OK\r\n\r\n", false, 200, FRAMING_CLOSE, NO, false},
    {"HTTP/1.1 200 OK\r\n\r\n", true, 200, FRAMING_NONE, NO, true},
    {"HTTP/1.1 204 No\r\n\r\n", false, 204, FRAMING_NONE, NO, true},
    {"HTTP/1.1 304 Not\r\nContent-Length: 9\r\n\r\n", false, 304, FRAMING_NONE, 9, true},
    {"HTTP/1.1 100 Continue\r\n\r\n", false, 100, FRAMING_NONE, NO, true},
    {"HTTP/1.1 101 Switching\r\n\r\n", false, 101, FRAMING_UPGRADE, NO, false},
    {"HTTP/1.1 599 x y z\r\nContent-Length: 1\r\n\r\n", false, 599, FRAMING_LENGTH, 1, true},
    {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n", false, 200, FRAMING_LENGTH, 5, false},
    {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: a, Close , b\r\n\r\n", false, 200, FRAMING_LENGTH, 5, false},
    {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: closed\r\n\r\n", false, 200, FRAMING_LENGTH, 5, true},
    {"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n", false, 200, FRAMING_LENGTH, 5, false},
    {"HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n", false, 200, FRAMING_LENGTH, 5, true},
    {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n", false, 200, FRAMING_CLOSE, NO, false},
    {"HTTP/1.1 200 OK\r\nX:\r\nA: \xff\x80\r\nContent-Length: 5\r\n\r\n", false, 200, FRAMING_LENGTH, 5, true},
};

static const struct {
	const char *head;
	const char *problem; /* a part of it */
} bad[] = {
    {"\r\nHTTP/1.1 200 OK\r\n\r\n", "status line"},
    {"HTTP/1.1\r\n\r\n", "status line"},
    {"http/1.1 200 OK\r\n\r\n", "status line"},
    {"ICY 200 OK and more\r\n\r\n", "status line"},
    {"HTTP/1.1  200 OK\r\n\r\n", "status"},
    {"HTTP/0.9 200 OK\r\n\r\n", "version"},
    {"HTTP/2.0 200 OK\r\n\r\n", "version"},
    {"HTTP/1.x 200 OK\r\n\r\n", "version"},
    {"HTTP/1.1 099 OK\r\n\r\n", "status"},
    {"HTTP/1.1 2000 OK\r\n\r\n", "status"},
    {"HTTP/1.1 20a OK\r\n\r\n", "status"},
    {"HTTP/1.1 -20 OK\r\n\r\n", "status"},
    {"HTTP/1.1 200 O\rK\r\n\r\n", "CR or NUL"},
    {"HTTP/1.1 200 OK\n\r\n", "LF alone"},
    {"HTTP/1.1 200 OK\r\nA: b\n\r\n", "LF alone"},
    {"HTTP/1.1 200 OK\r\nA: b\r\n\n", "LF alone"},
    {"HTTP/1.1 200 OK\r\nA: b\r\r\n\r\n", "CR or NUL"},
    {"HTTP/1.1 200 OK\r\nA: b\rB: c\r\n\r\n", "CR or NUL"},
    {"HTTP/1.1 200 OK\r\n A: b\r\n\r\n", "folded"},
    {"HTTP/1.1 200 OK\r\nA: b\r\n\tc\r\n\r\n", "folded"},
    {"HTTP/1.1 200 OK\r\nA\r\n\r\n", "colon"},
    {"HTTP/1.1 200 OK\r\n: b\r\n\r\n", "name"},
    {"HTTP/1.1 200 OK\r\nA B: c\r\n\r\n", "name"},
    {"HTTP/1.1 200 OK\r\nA(: c\r\n\r\n", "name"},
    {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", "two Content-Length"},
    {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length : 2\r\n\r\n", "two Content-Length"},
    {"HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\n", "invalid Content-Length"},
    {"HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n", "invalid Content-Length"},
    {"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "invalid Content-Length"},
    {"HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n", "invalid Content-Length"},
    {"HTTP/1.1 200 OK\r\nContent-Length: 0x1\r\n\r\n", "invalid Content-Length"},
    {"HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775808\r\n\r\n", "invalid Content-Length"},
    {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "both"},
    {"HTTP/1.1 304 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", "both"},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", "unknown"},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\n", "unknown"},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n", "unknown"},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", "two Transfer-Encoding"},
    {"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.0"},
};

static enum reply_result parse(struct pool *p, struct reply *reply, const char *text, size_t len,
			       size_t split, bool head_only)
{
	const char *start = memcpy(page_end - len, text, len), *line = start, *scan = start;
	enum reply_result result;

	reply_init(reply);
	result = reply_parse(p, reply, &line, &scan, start + split, head_only);
	if (result == REPLY_MORE && split < len)
		result = reply_parse(p, reply, &line, &scan, page_end, head_only);
	if (result == REPLY_WHOLE)
		CHECK_NUMBER(len, line - start);
	return result;
}

static void test_good(struct pool *p)
{
	for (size_t i = 0; i < COUNT_OF(good); i++) {
		size_t len = strlen(good[i].head);
		struct reply reply;

		for (size_t split = 0; split <= len; split++) {
			CHECK_NUMBER(REPLY_WHOLE, parse(p, &reply, good[i].head, len, split, good[i].head_only));
			CHECK_NUMBER(good[i].status, reply.status);
			CHECK_NUMBER(good[i].framing, reply.framing);
			CHECK_NUMBER(good[i].length, reply.length);
			CHECK_NUMBER(good[i].stays, reply.stays);
		}
		CHECK_NUMBER(REPLY_MORE, parse(p, &reply, good[i].head, len - 1, len - 1, good[i].head_only));
	}
}

static void test_bad(struct pool *p)
{
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		size_t len = strlen(bad[i].head);
		struct reply reply;

		for (size_t split = 0; split <= len; split++) {
			CHECK_NUMBER(REPLY_BAD, parse(p, &reply, bad[i].head, len, split, false));
			CHECK(strstr(reply.problem, bad[i].problem) != NULL);
		}
	}
}

static void test_nul(struct pool *p)
{
	static const char head[] = "HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n";
	struct reply reply;

	CHECK_NUMBER(REPLY_BAD, parse(p, &reply, head, sizeof(head) - 1, 0, false));
}

static void test_values(struct pool *p)
{
	static const char head[] = "HTTP/1.1 404 Not here\r\nSERVER: a\r\nX-Accel-Redirect : /b\r\n\r\n";
	struct reply reply;

	CHECK_NUMBER(REPLY_WHOLE, parse(p, &reply, head, sizeof(head) - 1, 0, false));
	CHECK_STR("Not here", reply.reason);
	CHECK_STR("a", *reply_value(&reply, REPLY_SERVER));
	CHECK_STR("/b", *reply_value(&reply, REPLY_X_ACCEL_REDIRECT));
	CHECK(reply_value(&reply, REPLY_ETAG) == NULL);
	for (int name = REPLY_OTHER + 1; name < REPLY_NAMES; name++)
		CHECK_NUMBER(name, reply_identify(reply_names[name]));
}

int main(void)
{
	struct pool *p = pool_create(POOL_BLOCK);

	CHECK(p != NULL);
	make_page();
	test_good(p);
	test_bad(p);
	test_nul(p);
	test_values(p);
	pool_destroy(p);
	return 0;
}
