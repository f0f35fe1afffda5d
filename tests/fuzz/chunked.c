/*
 * The chunked decoder: in one piece, and in pieces of the size that the first byte says. Both ways
 * the same data, the same end.
 */
#include <string.h>

#include "fuzz.h"
#include "http/message/dechunk.h"

struct decoded {
	char *bytes;
	size_t len;
	size_t used; /* of the input */
	enum chunked_result result;
};

/* False: the body is over, well or badly. */
static bool feed(struct chunked *c, const char *from, const char *end, struct decoded *d)
{
	const char *at = from;
	struct str data;

	do {
		d->result = chunked_next(c, &at, end, &data);
		HOLDS(at >= from && at <= end);
		if (d->result == CHUNKED_DATA) {
			HOLDS(data.len > 0 && data.data >= from && data.data + data.len <= end);
			memcpy(d->bytes + d->len, data.data, data.len);
			d->len += data.len;
		}
	} while (d->result == CHUNKED_DATA);
	d->used += (size_t)(at - from);
	HOLDS(d->result != CHUNKED_MORE || at == end);
	return d->result == CHUNKED_MORE;
}

static struct decoded decode(const char *bytes, size_t size, size_t piece)
{
	struct decoded d = {.bytes = malloc(size + 1)};
	struct chunked c = {0};

	for (size_t at = 0; at < size; at += piece) {
		size_t n = size - at < piece ? size - at : piece;
		char *exact = malloc(n); /* a step too far is seen */
		bool more;

		memcpy(exact, bytes + at, n);
		more = feed(&c, exact, exact + n, &d);
		free(exact);
		if (!more)
			break;
	}
	return d;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct decoded whole, pieces;

	if (size < 2)
		return 0;
	whole = decode((const char *)data + 1, size - 1, size - 1);
	pieces = decode((const char *)data + 1, size - 1, data[0] % 16 + 1);
	HOLDS(whole.result == pieces.result && whole.len == pieces.len);
	HOLDS(memcmp(whole.bytes, pieces.bytes, whole.len) == 0);
	HOLDS(whole.result == CHUNKED_BAD || whole.used == pieces.used);
	free(whole.bytes);
	free(pieces.bytes);
	return 0;
}
