#include "http/message/etag.h"

bool etag_is_weak(struct str tag)
{
	return str_starts(tag, STR("W/"));
}

static struct str without_weak(struct str tag)
{
	return etag_is_weak(tag) ? (struct str){tag.data + 2, tag.len - 2} : tag;
}

/* A tag may contain commas between its quotes, so a comma does not always end a tag. */
bool etag_next(struct str *list, struct str *tag)
{
	const char *at = list->data, *end = at + list->len, *quote;

	while (at < end && (*at == ' ' || *at == '\t' || *at == ','))
		at++;
	if (at == end)
		return false;
	quote = memchr(at, '"', (size_t)(end - at));
	quote = quote != NULL ? memchr(quote + 1, '"', (size_t)(end - quote - 1)) : NULL;
	*tag = str_between(at, quote != NULL ? quote + 1 : end);
	*list = str_between(tag->data + tag->len, end);
	return true;
}

bool etag_is_in(struct str list, struct str tag, bool strong)
{
	struct str item;

	if (str_equal(str_trim(list), STR("*")))
		return true;
	if (tag.len == 0 || (strong && etag_is_weak(tag)))
		return false;
	while (etag_next(&list, &item)) {
		if (strong && etag_is_weak(item))
			continue;
		if (str_equal(without_weak(item), without_weak(tag)))
			return true;
	}
	return false;
}
