/*
 * The head of another server's answer, and its chunks. The first byte says where the input is split
 * into two reads, and whether it answers HEAD: what comes out may not depend on the split.
 */
#include "modules/proxy/message/reply.h"

#include <string.h>

#include "fuzz.h"
#include "http/message/response.h"
#include "modules/proxy/message/hop.h"

static enum reply_result parse(struct pool *p, struct reply *reply, struct str text, size_t split,
			       bool head_only, size_t *used)
{
	const char *line = text.data, *scan = line;
	enum reply_result result;

	reply_init(reply);
	result = reply_parse(p, reply, &line, &scan, text.data + split, head_only);
	if (result == REPLY_MORE)
		result = reply_parse(p, reply, &line, &scan, text.data + text.len, head_only);
	HOLDS(line >= text.data && line <= scan && scan <= text.data + text.len);
	*used = (size_t)(line - text.data);
	return result;
}

/* No line can be made of it that was not there. */
static void check_lines(const struct reply *reply)
{
	struct hop hop;
	bool few = hop_collect(&hop, &reply->headers);

	HOLDS(hop.count <= HOP_NAMES_MAX);
	for (size_t i = 0; i < reply->headers.lines.count; i++) {
		const struct header *h = header_at(&reply->headers, i);

		HOLDS(is_token(h->name));
		HOLDS(memchr(h->value.data, '\r', h->value.len) == NULL);
		HOLDS(memchr(h->value.data, '\n', h->value.len) == NULL);
		HOLDS(memchr(h->value.data, '\0', h->value.len) == NULL);
		HOLDS(!few || !str_equal_nocase(h->name, STR("Connection")) ||
		      hop_ends_here(&hop, h->name));
	}
}

static void check_whole(const struct reply *reply, bool head_only)
{
	HOLDS(reply->status >= 100 && reply->status <= 999);
	HOLDS(reply->version >= HTTP_10 && reply->version < 2000);
	HOLDS(reply->length >= LENGTH_UNKNOWN);
	HOLDS(reply->framing != FRAMING_LENGTH || reply->length >= 0);
	HOLDS(!reply->chunked || reply->length == LENGTH_UNKNOWN);
	HOLDS(!head_only || reply->framing == FRAMING_NONE || reply->status == 101);
	HOLDS(!reply->stays || reply->framing < FRAMING_CLOSE);
	check_lines(reply);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pool *pool;
	struct reply one, two;
	struct str text;
	size_t used, again;
	enum reply_result result;
	bool head_only;

	if (size < 2)
		return 0;
	text = (struct str){(const char *)data + 1, size - 1};
	head_only = data[0] & 1;
	pool = pool_create(POOL_BLOCK);
	HOLDS(pool != NULL);
	result = parse(pool, &one, text, 0, head_only, &used);
	HOLDS(parse(pool, &two, text, data[0] % text.len, head_only, &again) == result);
	HOLDS(used == again && one.status == two.status && one.length == two.length);
	HOLDS(result != REPLY_BAD || one.problem != NULL);
	if (result == REPLY_WHOLE)
		check_whole(&one, head_only);
	pool_destroy(pool);
	return 0;
}
