#include "http/message/dechunk.h"

/* EXTRA_MAX means how many bytes of extensions and trailers a body may have. SIZE_LIMIT means
 * the largest size that may get one more digit. A client that sends more is broken or
 * hostile. */
enum { EXTRA_MAX = 16384 };
#define SIZE_LIMIT ((uint64_t)INT64_MAX >> 4)

static bool take_digit(struct chunked *c, char digit)
{
	int value = char_hex(digit);

	if (value < 0 || c->left > SIZE_LIMIT)
		return false;
	c->left = c->left << 4 | (uint64_t)value;
	c->state = CHUNK_SIZE;
	return true;
}

static bool after_size(struct chunked *c, char byte)
{
	if (byte == '\r')
		c->state = CHUNK_SIZE_LF;
	else if (byte == '\n')
		c->state = c->left > 0 ? CHUNK_DATA : CHUNK_TRAILER;
	else if (byte == ';' || byte == ' ' || byte == '\t')
		c->state = CHUNK_EXTENSION;
	else
		return take_digit(c, byte);
	return true;
}

static bool expect(struct chunked *c, char byte, char wanted, int state)
{
	c->state = state;
	return byte == wanted;
}

static bool in_extension(struct chunked *c, char byte)
{
	if (byte == '\r')
		c->state = CHUNK_SIZE_LF;
	else if (byte == '\n')
		c->state = c->left > 0 ? CHUNK_DATA : CHUNK_TRAILER;
	return ++c->extra <= EXTRA_MAX && byte != '\0';
}

static bool in_trailer(struct chunked *c, char byte)
{
	bool at_start = c->state == CHUNK_TRAILER;

	if (byte == '\n')
		c->state = at_start ? CHUNK_END : CHUNK_TRAILER;
	else if (byte == '\r')
		c->state = at_start ? CHUNK_END_LF : CHUNK_TRAILER_LF;
	else
		c->state = CHUNK_TRAILER_LINE;
	return ++c->extra <= EXTRA_MAX && byte != '\0';
}

static bool take_byte(struct chunked *c, char byte)
{
	switch (c->state) {
	case CHUNK_START:
		c->left = 0;
		return take_digit(c, byte);
	case CHUNK_SIZE:
		return after_size(c, byte);
	case CHUNK_EXTENSION:
		return in_extension(c, byte);
	case CHUNK_SIZE_LF:
		return expect(c, byte, '\n', c->left > 0 ? CHUNK_DATA : CHUNK_TRAILER);
	case CHUNK_DATA_CR:
		return byte == '\n' ? expect(c, byte, '\n', CHUNK_START)
				    : expect(c, byte, '\r', CHUNK_DATA_LF);
	case CHUNK_DATA_LF:
		return expect(c, byte, '\n', CHUNK_START);
	case CHUNK_TRAILER:
	case CHUNK_TRAILER_LINE:
		return in_trailer(c, byte);
	case CHUNK_TRAILER_LF:
		return expect(c, byte, '\n', CHUNK_TRAILER);
	case CHUNK_END_LF:
		return expect(c, byte, '\n', CHUNK_END);
	default:
		return false;
	}
}

static void take_data(struct chunked *c, const char **at, const char *end, struct str *data)
{
	size_t there = (size_t)(end - *at);

	*data = (struct str){*at, c->left < there ? (size_t)c->left : there};
	*at += data->len;
	c->left -= data->len;
	if (c->left == 0)
		c->state = CHUNK_DATA_CR;
}

enum chunked_result chunked_next(struct chunked *c, const char **at, const char *end,
				 struct str *data)
{
	while (c->state != CHUNK_END) {
		if (*at == end)
			return CHUNKED_MORE;
		if (c->state == CHUNK_DATA) {
			take_data(c, at, end, data);
			return CHUNKED_DATA;
		}
		if (!take_byte(c, *(*at)++))
			return CHUNKED_BAD;
	}
	return CHUNKED_END;
}
