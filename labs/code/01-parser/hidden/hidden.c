/* The checks of lab 1 that students do not see. They ask for nothing that the README does not say. */
#include "feeding.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void byte_by_byte(struct program *p)
{
	struct text bytes = {0};
	size_t cuts[1024];

	for (int i = 0; i < request_count; i++) {
		text_empty(&bytes);
		request_bytes(&requests[i], &bytes);
		for (size_t k = 1; k < bytes.n; k++)
			cuts[k - 1] = k;
		scene("request %d, a byte a piece", i + 1);
		expect_request(p, &requests[i], cuts, (int)bytes.n - 1);
	}
	free(bytes.bytes);
}

static void random_requests(struct program *p, int count)
{
	struct request r;
	struct text bytes = {0};
	size_t cuts[8];

	for (int i = 0; i < count; i++) {
		int n = 0;

		request_random(&r);
		text_empty(&bytes);
		request_bytes(&r, &bytes);
		for (size_t at = 1 + dice() % 20; at < bytes.n && n < 8; at += 1 + dice() % 40)
			cuts[n++] = at;
		scene("random request %d, %d pieces", i + 1, n + 1);
		expect_request(p, &r, cuts, n);
	}
	free(bytes.bytes);
}

CHECK(every_byte)
{
	struct program *p = puppet();

	byte_by_byte(p);
	random_requests(p, 500);
	program_end(p);
}

CHECK(guard)
{
	struct program *p = puppet();
	struct text bytes = {0};

	tell(p, "guard");
	heard_nothing(p);
	for (int i = 0; i < request_count; i++) {
		text_empty(&bytes);
		request_bytes(&requests[i], &bytes);
		for (size_t cut = 1; cut < bytes.n; cut += 1 + dice() % 3) {
			scene("request %d, cut at byte %zu; no byte behind a piece can be read", i + 1, cut);
			expect_request(p, &requests[i], &cut, 1);
		}
	}
	free(bytes.bytes);
}

CHECK(smuggle)
{
#define POST "POST / HTTP/1.1\r\n"
	static const struct {
		const char *bytes;
		int status;
	} all[] = {
	    {POST "Content-Length: 5\r\nContent-Length: 5\r\n\r\n", 400},
	    {POST "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", 400},
	    {POST "Content-Length: 0\r\ncontent-length: 0\r\n\r\n", 400},
	    {POST "Content-Length: +5\r\n\r\n", 400},
	    {POST "Content-Length: -5\r\n\r\n", 400},
	    {POST "Content-Length: 5,5\r\n\r\n", 400},
	    {POST "Content-Length: 5 5\r\n\r\n", 400},
	    {POST "Content-Length: 5;\r\n\r\n", 400},
	    {POST "Content-Length: 0x5\r\n\r\n", 400},
	    {POST "Content-Length: 5a\r\n\r\n", 400},
	    {POST "Content-Length: \r\n\r\n", 400},
	    {POST "Content-Length:\r\n\r\n", 400},
	    {POST "Content-Length: \"5\"\r\n\r\n", 400},
	    {POST "Content-Length: 5.0\r\n\r\n", 400},
	    {POST "Content-Length: 1000000000000000000\r\n\r\n", 400},
	    {POST "Content-Length: 18446744073709551621\r\n\r\n", 400},
	    {POST "Content-Length: 99999999999999999999999999\r\n\r\n", 400},
	    {POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 501},
	    {POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", 501},
	    {POST "Transfer-Encoding:\r\n\r\n", 501},
	    {POST "Content-Length : 5\r\n\r\n", 400},
	    {POST "Content-Length: 999999999999999999\r\n\r\n", 0},
	    {POST "Content-Length: 0005\r\n\r\n", 0},
	    {POST "Content-Length:5\t \r\n\r\n", 0},
	};
	struct program *p = puppet();

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		scene("head %zu", i + 1);
		expect_status(p, all[i].bytes, strlen(all[i].bytes), all[i].status);
	}
}

CHECK(other_numbers)
{
	check_again("limits");
	check_again("line");
}

CHECK(clean)
{
	struct program *p = puppet();
	long size = 0;

	tell(p, "size");
	for (char *line; (line = heard(p));)
		sscanf(line, "size %ld", &size);
	if (size > 128) {
		should_have("a struct parser of at most 128 bytes");
		but_it_was("%ld bytes", size);
	}
	byte_by_byte(p);
	random_requests(p, 50);
	scene("end of input");
	program_end(p);
}
