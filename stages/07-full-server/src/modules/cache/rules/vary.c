#include "modules/cache/rules/vary.h"

#include <stdlib.h>

static struct str lower(struct pool *p, struct str s)
{
	char *to = pool_bytes(p, s.len + 1);

	if (to == NULL)
		return (struct str){NULL, 0};
	return str_between(to, put_lower(to, s));
}

/* Joins all lines with that name to one list. Without a line, the list is empty. Returns false
 * when there is no memory. */
static bool join(struct pool *p, const struct header_list *list, struct str name, struct str *value)
{
	const struct header *h;
	char *text, *to;
	size_t size = 0, n;

	for (n = 0; (h = header_find(list, name, n)) != NULL; n++)
		size += h->value.len + 2;
	text = to = pool_bytes(p, size + 1);
	if (text == NULL)
		return false;
	for (n = 0; (h = header_find(list, name, n)) != NULL; n++) {
		if (n > 0)
			to = put_str(to, STR(", "));
		to = put_str(to, str_trim(h->value));
	}
	*value = str_between(text, to);
	return true;
}

struct str vary_names(struct pool *p, const struct header_list *answer)
{
	struct str all, item, list;
	char *text, *to;

	if (!join(p, answer, STR("Vary"), &all) || all.len > VARY_MOST)
		return (struct str){NULL, 0};
	list = lower(p, all);
	text = to = pool_bytes(p, all.len + 1);
	if (list.data == NULL || text == NULL)
		return (struct str){NULL, 0};
	while (str_next_item(&list, ',', &item)) {
		if (to != text)
			*to++ = ',';
		to = put_str(to, item);
	}
	return str_between(text, to);
}

/* ---- the values */

static bool ignores_case(struct str name)
{
	return str_equal(name, STR("accept")) || str_equal(name, STR("accept-encoding")) ||
	       str_equal(name, STR("accept-language")) || str_equal(name, STR("accept-charset"));
}

/* Turns "gzip ; q=0.5" into "gzip;q=0.5". Used only for fields whose grammar is known here. */
static struct str without_space(struct pool *p, struct str item)
{
	char *text = pool_bytes(p, item.len + 1), *to = text;

	if (text == NULL)
		return (struct str){NULL, 0};
	for (size_t i = 0; i < item.len; i++)
		if (item.data[i] != ' ' && item.data[i] != '\t')
			*to++ = char_lower(item.data[i]);
	return str_between(text, to);
}

static int compare(const void *a, const void *b)
{
	return str_compare(*(const struct str *)a, *(const struct str *)b);
}

static void add_piece(struct md5 *m, struct str piece)
{
	md5_add(m, piece);
	md5_add(m, STR("\n"));
}

static int add_members(struct pool *p, struct md5 *m, struct str name, struct str value)
{
	struct pool_list members = {.count = 0};
	struct str item;

	while (str_next_item(&value, ',', &item)) {
		struct str *member = pool_list_add(p, &members, sizeof(*member));

		if (member == NULL)
			return -1;
		*member = without_space(p, item);
		if (member->data == NULL)
			return -1;
	}
	if (str_equal(name, STR("accept-encoding")) && members.count > 1)
		qsort(members.items, members.count, sizeof(struct str), compare);
	for (size_t i = 0; i < members.count; i++)
		add_piece(m, ((struct str *)members.items)[i]);
	return 0;
}

/* A missing field and an empty field must give different digests. */
static int add_field(struct pool *p, struct md5 *m, const struct header_list *request,
		     struct str name)
{
	struct str value;

	add_piece(m, name);
	if (header_find(request, name, 0) == NULL) {
		add_piece(m, STR("-"));
		return 0;
	}
	add_piece(m, STR("+"));
	if (!join(p, request, name, &value))
		return -1;
	if (ignores_case(name))
		return add_members(p, m, name, value);
	add_piece(m, value);
	return 0;
}

int vary_variant(struct pool *p, const struct header_list *request, struct str names,
		 unsigned char variant[MD5_SIZE])
{
	struct str name;
	struct md5 m;

	md5_init(&m);
	while (str_next_item(&names, ',', &name))
		if (add_field(p, &m, request, name) < 0)
			return -1;
	md5_end(&m, variant);
	return 0;
}
