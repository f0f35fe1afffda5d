#include "modules/cache/files/stored.h"

#include "base/crc32.h"

static const struct str magic = {"CACHE\n1\n", 8};
static const struct str before_key = {"\nKEY: ", 6};

enum { AT_SUM = 8, AT_SIZE = 12, AT_STATUS = 28, AT_ZEROS = 96 };
enum { VALIDATE_ALWAYS = 1, NEVER_STALE = 2 };

/* ---- numbers */

static char *put_little(char *to, uint64_t n, int bytes)
{
	for (int i = 0; i < bytes; i++, n >>= 8)
		*to++ = (char)(unsigned char)n;
	return to;
}

static uint64_t take_little(const char **from, int bytes)
{
	uint64_t n = 0;

	for (int i = 0; i < bytes; i++)
		n |= (uint64_t)(unsigned char)*(*from)++ << 8 * i;
	return n;
}

/* ---- writing */

static size_t size_of_lines(const struct header_list *headers)
{
	size_t size = 0;

	for (size_t i = 0; i < headers->lines.count; i++)
		size += header_at(headers, i)->name.len + header_at(headers, i)->value.len + 3;
	return size;
}

static size_t size_of_texts(size_t key, size_t vary, size_t lines)
{
	return before_key.len + key + 1 + vary + 1 + lines;
}

size_t stored_measure(struct stored *s)
{
	size_t size =
	    STORED_FIXED + size_of_texts(s->key.len, s->vary.len, size_of_lines(&s->headers));

	s->body_at = (int64_t)size;
	return size <= STORED_HEAD_MOST ? size : 0;
}

static char *put_fixed(char *to, const struct stored *s)
{
	int flags = (s->fresh.validate_always ? VALIDATE_ALWAYS : 0) |
		    (s->fresh.never_stale ? NEVER_STALE : 0);

	to = put_little(to, (uint64_t)s->body_at, 4);
	to = put_little(to, s->key.len, 4);
	to = put_little(to, s->vary.len, 4);
	to = put_little(to, size_of_lines(&s->headers), 4);
	to = put_little(to, (uint64_t)s->status, 2);
	to = put_little(to, (uint64_t)flags, 2);
	to = put_little(to, (uint64_t)s->fresh.born, 8);
	to = put_little(to, (uint64_t)s->fresh.fresh_until, 8);
	to = put_little(to, (uint64_t)s->fresh.while_revalidate, 8);
	to = put_little(to, (uint64_t)s->fresh.if_error, 8);
	to = put_little(to, (uint64_t)s->body_size, 8);
	to = put_little(to, s->family, 8);
	memcpy(to, s->variant, MD5_SIZE);
	memset(to + MD5_SIZE, 0, STORED_FIXED - AT_ZEROS);
	return to + MD5_SIZE + STORED_FIXED - AT_ZEROS;
}

static char *put_lines(char *to, const struct header_list *headers)
{
	for (size_t i = 0; i < headers->lines.count; i++) {
		to = put_str(to, header_at(headers, i)->name);
		to = put_str(to, STR(": "));
		to = put_str(to, header_at(headers, i)->value);
		*to++ = '\n';
	}
	return to;
}

void stored_put(char *head, const struct stored *s)
{
	char *to = put_fixed(head + AT_SIZE, s);

	to = put_str(to, before_key);
	to = put_str(to, s->key);
	*to++ = '\n';
	to = put_str(to, s->vary);
	*to++ = '\n';
	to = put_lines(to, &s->headers);
	put_str(head, magic);
	put_little(head + AT_SUM, crc32_of(str_between(head + AT_SIZE, to)), 4);
}

/* ---- reading */

struct sizes {
	size_t head, key, vary, lines;
};

static bool read_sizes(struct str bytes, struct sizes *z)
{
	const char *at = bytes.data + AT_SIZE;

	z->head = take_little(&at, 4);
	z->key = take_little(&at, 4);
	z->vary = take_little(&at, 4);
	z->lines = take_little(&at, 4);
	return str_starts(bytes, magic) && z->head <= STORED_HEAD_MOST &&
	       z->key <= STORED_HEAD_MOST && z->vary <= STORED_HEAD_MOST &&
	       z->lines <= STORED_HEAD_MOST &&
	       z->head == STORED_FIXED + size_of_texts(z->key, z->vary, z->lines);
}

static void read_fixed(const char *at, struct stored *s)
{
	uint64_t flags;

	s->status = (int)take_little(&at, 2);
	flags = take_little(&at, 2);
	s->fresh = (struct freshness){
	    .validate_always = flags & VALIDATE_ALWAYS,
	    .never_stale = flags & NEVER_STALE,
	};
	s->fresh.born = (int64_t)take_little(&at, 8);
	s->fresh.fresh_until = (int64_t)take_little(&at, 8);
	s->fresh.while_revalidate = (int64_t)take_little(&at, 8);
	s->fresh.if_error = (int64_t)take_little(&at, 8);
	s->body_size = (int64_t)take_little(&at, 8);
	s->family = take_little(&at, 8);
	memcpy(s->variant, at, MD5_SIZE);
}

static bool read_lines(struct pool *p, const char *at, const char *end, struct header_list *to)
{
	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		const char *colon = stop != NULL ? memchr(at, ':', (size_t)(stop - at)) : NULL;
		struct header *h;

		if (colon == NULL || colon == at || colon + 1 == stop || colon[1] != ' ')
			return false;
		h = header_add(p, to, str_between(at, colon), str_between(colon + 2, stop));
		if (h == NULL)
			return false;
		h->id = header_identify(h->name);
		at = stop + 1;
	}
	return true;
}

static bool read_texts(struct pool *p, struct str head, const struct sizes *z, struct stored *s)
{
	const char *key = head.data + STORED_FIXED + before_key.len;
	const char *vary = key + z->key + 1, *lines = vary + z->vary + 1;

	s->key = (struct str){key, z->key};
	s->vary = (struct str){vary, z->vary};
	s->headers = (struct header_list){.lines = {.count = 0}};
	return memcmp(head.data + STORED_FIXED, before_key.data, before_key.len) == 0 &&
	       vary[-1] == '\n' && lines[-1] == '\n' &&
	       read_lines(p, lines, lines + z->lines, &s->headers);
}

/* The checksum finds damage by accident. A head with wrong values and a right checksum must do
 * no harm either, so the values are checked too. */
static bool is_possible(const struct stored *s)
{
	return s->status >= 200 && s->status <= 999 && s->body_size >= 0 &&
	       s->body_size <= INT64_MAX - s->body_at && s->fresh.while_revalidate >= 0 &&
	       s->fresh.while_revalidate <= SECONDS_MOST && s->fresh.if_error >= 0 &&
	       s->fresh.if_error <= SECONDS_MOST && s->fresh.born >= 0 &&
	       s->fresh.born <= UINT32_MAX * 64ll && s->fresh.fresh_until >= 0 &&
	       s->fresh.fresh_until <= UINT32_MAX * 64ll;
}

enum stored_result stored_parse(struct pool *p, struct str bytes, struct stored *s, size_t *wanted)
{
	struct sizes sizes;
	const char *sum = bytes.data + AT_SUM;

	*wanted = STORED_FIXED;
	if (bytes.len < STORED_FIXED)
		return STORED_SHORT;
	if (!read_sizes(bytes, &sizes))
		return STORED_BAD;
	*wanted = sizes.head;
	if (bytes.len < sizes.head)
		return STORED_SHORT;
	bytes.len = sizes.head;
	if (take_little(&sum, 4) !=
	    crc32_of(str_between(bytes.data + AT_SIZE, bytes.data + bytes.len)))
		return STORED_BAD;
	read_fixed(bytes.data + AT_STATUS, s);
	s->body_at = (int64_t)sizes.head;
	return read_texts(p, bytes, &sizes, s) && is_possible(s) ? STORED_GOOD : STORED_BAD;
}
