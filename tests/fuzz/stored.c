/*
 * The head of a file of the cache. Bytes as they are, and once more with the sum that fits, so
 * that the fuzzer reaches what stands behind it. What is read can be written, and gives the
 * same head.
 */
#include "modules/cache/files/stored.h"
#include "base/crc32.h"
#include "fuzz.h"

enum { SUM = 8, SUMMED = 12 };

static void check_again(struct pool *p, struct str bytes, struct stored *s)
{
	size_t size = stored_measure(s), wanted;
	char *copy = malloc(size + 1);
	struct stored again;

	HOLDS(copy != NULL && size == (size_t)s->body_at && size <= bytes.len);
	stored_put(copy, s);
	HOLDS(stored_parse(p, (struct str){copy, size}, &again, &wanted) == STORED_GOOD);
	HOLDS(again.headers.lines.count == s->headers.lines.count);
	HOLDS(str_equal(again.key, s->key) && again.body_size == s->body_size);
	free(copy);
}

static void parse(struct str bytes)
{
	struct pool *p = pool_create(POOL_BLOCK);
	struct stored s;
	size_t wanted;

	HOLDS(p != NULL);
	switch (stored_parse(p, bytes, &s, &wanted)) {
	case STORED_GOOD:
		HOLDS(wanted <= bytes.len);
		check_again(p, bytes, &s);
		break;
	case STORED_SHORT:
		HOLDS(wanted > bytes.len);
		break;
	case STORED_BAD:
		break;
	}
	pool_destroy(p);
}

static void set_sum(unsigned char *bytes, size_t size)
{
	size_t head = (size_t)bytes[12] | (size_t)bytes[13] << 8 | (size_t)bytes[14] << 16;
	uint32_t sum;

	if (head < SUMMED || head > size)
		return;
	sum = crc32_of((struct str){(char *)bytes + SUMMED, head - SUMMED});
	for (int i = 0; i < 4; i++, sum >>= 8)
		bytes[SUM + i] = (unsigned char)sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char *copy;

	parse((struct str){(const char *)data, size});
	if (size < STORED_FIXED)
		return 0;
	copy = malloc(size);
	HOLDS(copy != NULL);
	memcpy(copy, data, size);
	set_sum(copy, size);
	parse((struct str){(const char *)copy, size});
	free(copy);
	return 0;
}
