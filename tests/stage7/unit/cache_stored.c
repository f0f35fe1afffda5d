/* The head of a file of the cache: as it was written, or not at all, whatever happens to it. */
#include "modules/cache/files/stored.h"

#include "unit.h"

static struct pool *pool;

static struct stored some(int lines)
{
	struct stored s = {
	    .status = 200,
	    .fresh = {.born = 1000000000,
		      .fresh_until = 1000000060,
		      .while_revalidate = 5,
		      .if_error = SECONDS_MOST,
		      .never_stale = true},
	    .key = STR("http://127.0.0.1:8000/one?a=b\"\\"),
	    .vary = STR("accept,accept-encoding"),
	    .variant = {1, 2, 3, 0, 255},
	    .body_size = 1234567890123,
	    .family = 0xfedcba9876543210,
	};

	for (int i = 0; i < lines; i++) {
		static const char *const names[] = {"Content-Type", "ETag", "X-Empty", "A"};
		static const char *const values[] = {"text/html; charset=utf-8", "\"a: b\"", "",
						     ":"};

		CHECK(header_add(pool, &s.headers, str_from(names[i % 4]),
				 str_from(values[i % 4])));
	}
	return s;
}

static struct str put(struct stored *s)
{
	size_t size = stored_measure(s);
	char *bytes = malloc(size); /* of its own: no byte too far */

	CHECK(size > 0 && bytes != NULL);
	stored_put(bytes, s);
	return (struct str){bytes, size};
}

static void check_same(const struct stored *a, const struct stored *b)
{
	CHECK_NUMBER(a->status, b->status);
	CHECK_NUMBER(a->fresh.born, b->fresh.born);
	CHECK_NUMBER(a->fresh.fresh_until, b->fresh.fresh_until);
	CHECK_NUMBER(a->fresh.while_revalidate, b->fresh.while_revalidate);
	CHECK_NUMBER(a->fresh.if_error, b->fresh.if_error);
	CHECK_NUMBER(a->fresh.validate_always, b->fresh.validate_always);
	CHECK_NUMBER(a->fresh.never_stale, b->fresh.never_stale);
	CHECK(str_equal(a->key, b->key) && str_equal(a->vary, b->vary));
	CHECK(memcmp(a->variant, b->variant, MD5_SIZE) == 0 && a->family == b->family);
	CHECK_NUMBER(a->body_at, b->body_at);
	CHECK_NUMBER(a->body_size, b->body_size);
	CHECK_NUMBER(a->headers.lines.count, b->headers.lines.count);
	for (size_t i = 0; i < a->headers.lines.count; i++) {
		CHECK(str_equal(header_at(&a->headers, i)->name,
				header_at(&b->headers, i)->name));
		CHECK(str_equal(header_at(&a->headers, i)->value,
				header_at(&b->headers, i)->value));
	}
}

static void there_and_back(void)
{
	for (int lines = 0; lines < 9; lines++) {
		struct stored s = some(lines), back;
		struct str bytes = put(&s);
		size_t wanted;

		CHECK_NUMBER(STORED_GOOD, stored_parse(pool, bytes, &back, &wanted));
		CHECK_NUMBER(bytes.len, wanted);
		check_same(&s, &back);
		free((char *)bytes.data);
	}
}

/* The layout is a promise to files that are there already. */
static void layout(void)
{
	struct stored s = some(1);
	struct str bytes = put(&s);
	static const char texts[] = "\nKEY: http://127.0.0.1:8000/one?a=b\"\\\n"
				    "accept,accept-encoding\n"
				    "Content-Type: text/html; charset=utf-8\n";

	CHECK(memcmp(bytes.data, "CACHE\n1\n", 8) == 0);
	CHECK_NUMBER(bytes.len, (unsigned char)bytes.data[12] | bytes.data[13] << 8);
	CHECK(memcmp(bytes.data + 28, "\310\0\2\0\0\312\232\073", 8) == 0);
	CHECK(memcmp(bytes.data + 72, "\x10\x32\x54\x76\x98\xba\xdc\xfe\1\2\3\0\xff", 13) == 0);
	CHECK_STR(texts, (str_between(bytes.data + STORED_FIXED, bytes.data + bytes.len)));
	free((char *)bytes.data);
}

static enum stored_result parse_copy(struct str bytes, size_t *wanted)
{
	char *copy = malloc(bytes.len > 0 ? bytes.len : 1);
	enum stored_result result;
	struct stored s;

	memcpy(copy, bytes.data, bytes.len);
	result = stored_parse(pool, (struct str){copy, bytes.len}, &s, wanted);
	free(copy);
	return result;
}

static void cut_anywhere(void)
{
	struct stored s = some(4);
	struct str bytes = put(&s);
	size_t wanted;

	for (size_t n = 0; n < bytes.len; n++) {
		CHECK_NUMBER(STORED_SHORT, parse_copy((struct str){bytes.data, n}, &wanted));
		CHECK_NUMBER(n < STORED_FIXED ? STORED_FIXED : bytes.len, wanted);
	}
	free((char *)bytes.data);
}

static void damaged_anywhere(void)
{
	struct stored s = some(4);
	struct str bytes = put(&s);
	size_t wanted;

	for (size_t i = 0; i < bytes.len * 8; i++) {
		((char *)bytes.data)[i / 8] ^= (char)(1 << i % 8);
		CHECK(parse_copy(bytes, &wanted) == STORED_BAD);
		((char *)bytes.data)[i / 8] ^= (char)(1 << i % 8);
	}
	/* the end of it was never written */
	for (size_t n = 0; n < bytes.len; n++) {
		char *copy = calloc(1, bytes.len);

		memcpy(copy, bytes.data, n);
		CHECK(parse_copy((struct str){copy, bytes.len}, &wanted) == STORED_BAD);
		free(copy);
	}
	free((char *)bytes.data);
}

static void too_large(void)
{
	struct stored s = some(1);

	s.key.len = STORED_HEAD_MOST;
	CHECK_NUMBER(0, stored_measure(&s));
}

int main(void)
{
	pool = pool_create(POOL_BLOCK);
	CHECK(pool != NULL);
	there_and_back();
	layout();
	cut_anywhere();
	damaged_anywhere();
	too_large();
	pool_destroy(pool);
	pool_release_kept();
	return 0;
}
