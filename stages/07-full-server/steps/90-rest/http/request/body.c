#include "http/request/body.h"

bool body_is_complete(const struct body *b)
{
	switch (b->kind) {
	case BODY_LENGTH:
		return b->left == 0;
	case BODY_CHUNKED:
		return b->chunked.state == CHUNK_END;
	default:
		return true;
	}
}

static enum body_result drop_length(struct body *b, struct input *in)
{
	int64_t there = in->last - in->line, part = b->left < there ? b->left : there;

	in->line += part;
	b->left -= part;
	return b->left == 0 ? BODY_WHOLE : BODY_MORE;
}

static enum body_result drop_chunks(struct body *b, struct input *in)
{
	const char *at = in->line;
	struct str data;
	enum chunked_result result;

	do
		result = chunked_next(&b->chunked, &at, in->last, &data);
	while (result == CHUNKED_DATA);
	b->dropped += at - in->line;
	in->line = (char *)at;
	if (result == CHUNKED_END)
		return BODY_WHOLE;
	return result == CHUNKED_BAD || b->dropped > BODY_MAX ? BODY_ENDLESS : BODY_MORE;
}

enum body_result body_drop(struct body *b, struct input *in)
{
	enum body_result result = BODY_WHOLE;

	if (b->kind == BODY_LENGTH)
		result = drop_length(b, in);
	else if (b->kind == BODY_CHUNKED)
		result = drop_chunks(b, in);
	in->scan = in->line;
	if (in->line == in->last)
		in->line = in->scan = in->last = in->bytes; /* the next read has all the room */
	return result;
}
