/*
 * Packets: in one piece, and in pieces of the size that the first byte says. Both ways the same
 * ones, the same end; and written again they are the bytes that they were read from.
 */
#include <string.h>

#include "fuzz.h"
#include "mem/alloc.h"
#include "packet/frame.h"

enum { MAX = 512 };

struct read {
	char *bytes; /* the packets, written again */
	size_t len;
	enum frame_result result;
};

/* False: that was the end, well or badly. */
static bool feed(struct framing *f, const char *from, const char *end, struct read *r)
{
	const char *at = from;
	struct frame p;

	while ((r->result = frame_next(f, MAX, &at, end, &p)) == FRAME_WHOLE) {
		HOLDS(at >= from && at <= end);
		HOLDS(p.body.len + FRAME_HEAD <= MAX);
		r->len = (size_t)(put_frame(r->bytes + r->len, p.command, p.body) - r->bytes);
	}
	HOLDS(r->result != FRAME_MORE || at == end);
	return r->result == FRAME_MORE;
}

static struct read read_all(const char *bytes, size_t size, size_t piece)
{
	struct read r = {.bytes = malloc(size + 1)};
	struct framing f = {.head_len = 0};

	for (size_t at = 0; at < size; at += piece) {
		size_t n = size - at < piece ? size - at : piece;
		char *exact = malloc(n); /* a step too far is seen */
		bool more;

		memcpy(exact, bytes + at, n);
		more = feed(&f, exact, exact + n, &r);
		free(exact);
		if (!more)
			break;
	}
	framing_fini(&f);
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct read whole, pieces;

	if (size < 2)
		return 0;
	whole = read_all((const char *)data + 1, size - 1, size - 1);
	pieces = read_all((const char *)data + 1, size - 1, data[0] % 16 + 1);
	HOLDS(whole.result == pieces.result && whole.len == pieces.len);
	HOLDS(memcmp(whole.bytes, pieces.bytes, whole.len) == 0);
	HOLDS(whole.len < size && memcmp(whole.bytes, data + 1, whole.len) == 0);
	free(whole.bytes);
	free(pieces.bytes);
	return 0;
}
