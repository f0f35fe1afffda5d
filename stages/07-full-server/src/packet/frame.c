#include "packet/frame.h"

#include "base/crc32.h"
#include "mem/alloc.h"

static uint16_t get_16(const char *from)
{
	const unsigned char *byte = (const unsigned char *)from;

	return (uint16_t)(byte[0] << 8 | byte[1]);
}

static uint32_t get_32(const char *from)
{
	return (uint32_t)get_16(from) << 16 | get_16(from + 2);
}

static char *put_16(char *to, uint32_t n)
{
	*to++ = (char)(n >> 8);
	*to++ = (char)n;
	return to;
}

static char *put_32(char *to, uint32_t n)
{
	return put_16(put_16(to, n >> 16), n);
}

char *put_frame(char *to, uint16_t command, struct str body)
{
	to = put_16(to, (uint32_t)(FRAME_HEAD + body.len));
	to = put_16(to, command);
	to = put_32(to, crc32_of(body));
	return put_str(to, body);
}

void framing_fini(struct framing *f)
{
	alloc_give(&alloc_main, f->body, f->body_size);
	*f = (struct framing){.head_len = 0};
}

/* Copies bytes from the input until *len is `wanted`. Returns false if the input has too few
 * bytes. */
static bool gather(char *to, uint32_t *len, uint32_t wanted, const char **at, const char *end)
{
	uint32_t n = wanted - *len;
	size_t there = (size_t)(end - *at);

	if (n > there)
		n = (uint32_t)there;
	memcpy(to + *len, *at, n);
	*len += n;
	*at += n;
	return *len == wanted;
}

static enum frame_result gather_head(struct framing *f, uint32_t max, const char **at,
				     const char *end)
{
	uint32_t length;

	if (!gather(f->head, &f->head_len, FRAME_HEAD, at, end))
		return FRAME_MORE;
	length = get_16(f->head);
	if (length < FRAME_HEAD)
		return FRAME_SHORT;
	if (length > max)
		return FRAME_LONG;
	f->body_len = 0;
	f->body_size = length - FRAME_HEAD;
	return FRAME_WHOLE;
}

/* Finds or collects the body. If the input contains the whole body, it is not copied. */
static enum frame_result gather_body(struct framing *f, const char **at, const char *end,
				     struct str *body)
{
	if (f->body == NULL && (size_t)(end - *at) >= f->body_size) {
		*body = (struct str){*at, f->body_size};
		*at += f->body_size;
		return FRAME_WHOLE;
	}
	if (f->body == NULL)
		f->body = alloc_take(&alloc_main, f->body_size);
	if (f->body == NULL)
		return FRAME_NO_MEMORY;
	*body = (struct str){f->body, f->body_size};
	return gather(f->body, &f->body_len, f->body_size, at, end) ? FRAME_WHOLE : FRAME_MORE;
}

enum frame_result frame_next(struct framing *f, uint32_t max, const char **at, const char *end,
			     struct frame *packet)
{
	enum frame_result result = FRAME_WHOLE;

	if (f->body != NULL && f->body_len == f->body_size)
		framing_fini(f); /* frees the body of the previous packet */
	if (f->head_len < FRAME_HEAD)
		result = gather_head(f, max, at, end);
	if (result == FRAME_WHOLE)
		result = gather_body(f, at, end, &packet->body);
	if (result != FRAME_WHOLE)
		return result;
	packet->command = get_16(f->head + 2);
	if (crc32_of(packet->body) != get_32(f->head + 4))
		return FRAME_WRONG_CRC;
	if (f->body == NULL)
		f->head_len = 0;
	return FRAME_WHOLE;
}
