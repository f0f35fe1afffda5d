/*
 * If-Match and If-None-Match: the bytes before the first line break are a tag, those behind it
 * a list. What stands in the list is in it, and what is in it strongly is in it weakly, too.
 */
#include <string.h>

#include "fuzz.h"
#include "http/message/etag.h"

static void check_items(struct str text)
{
	struct str list = text, tag;
	size_t items = 0;

	while (etag_next(&list, &tag)) {
		HOLDS(tag.len > 0 && tag.data >= text.data);
		HOLDS(tag.data + tag.len <= text.data + text.len);
		HOLDS(etag_is_in(text, tag, false));
		HOLDS(etag_is_weak(tag) || etag_is_in(text, tag, true));
		HOLDS(++items <= text.len);
	}
	HOLDS(list.data >= text.data && list.data + list.len == text.data + text.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
	struct str tag, list;

	if (end == NULL)
		return 0;
	tag = str_between((const char *)data, (const char *)end);
	list = str_between((const char *)end + 1, (const char *)data + size);
	check_items(list);
	if (etag_is_in(list, tag, true))
		HOLDS(etag_is_in(list, tag, false));
	return 0;
}
