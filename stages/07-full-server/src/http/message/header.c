#include "http/message/header.h"

struct known {
	struct str name;
	bool single;
};

#define NAME(text)                                                                                 \
	{                                                                                          \
		text, sizeof(text) - 1                                                             \
	}

/* The index of an entry is the id of the header. Nearly all clients spell the names like this.
 * A lookup compares this spelling first. */
static const struct known known[HEADER_IDS] = {
    [HEADER_HOST] = {NAME("Host"), true},
    [HEADER_CONNECTION] = {NAME("Connection"), false},
    [HEADER_CONTENT_LENGTH] = {NAME("Content-Length"), true},
    [HEADER_TRANSFER_ENCODING] = {NAME("Transfer-Encoding"), true},
    [HEADER_CONTENT_TYPE] = {NAME("Content-Type"), true},
    [HEADER_EXPECT] = {NAME("Expect"), true},
    [HEADER_RANGE] = {NAME("Range"), true},
    [HEADER_IF_RANGE] = {NAME("If-Range"), true},
    [HEADER_IF_MODIFIED_SINCE] = {NAME("If-Modified-Since"), true},
    [HEADER_IF_UNMODIFIED_SINCE] = {NAME("If-Unmodified-Since"), true},
    [HEADER_IF_NONE_MATCH] = {NAME("If-None-Match"), false},
    [HEADER_IF_MATCH] = {NAME("If-Match"), false},
    [HEADER_ACCEPT_ENCODING] = {NAME("Accept-Encoding"), false},
    [HEADER_AUTHORIZATION] = {NAME("Authorization"), true},
    [HEADER_COOKIE] = {NAME("Cookie"), false},
    [HEADER_USER_AGENT] = {NAME("User-Agent"), false},
    [HEADER_REFERER] = {NAME("Referer"), false},
    [HEADER_X_FORWARDED_FOR] = {NAME("X-Forwarded-For"), false},
    [HEADER_UPGRADE] = {NAME("Upgrade"), false},
    [HEADER_VIA] = {NAME("Via"), false},
};

/* by_length[n] has the ids of the headers whose names have n characters. A lookup compares only
 * these names, usually one or two. NAME_MAX_LEN is larger than the longest name.
 * SAME_LENGTH_MAX is larger than the largest number of ids for one length. */
enum { NAME_MAX_LEN = 32, SAME_LENGTH_MAX = 6 };

static unsigned char by_length[NAME_MAX_LEN][SAME_LENGTH_MAX];

static void __attribute__((constructor)) index_names(void)
{
	for (int id = HEADER_OTHER + 1; id < HEADER_IDS; id++) {
		unsigned char *slot = by_length[known[id].name.len];

		while (*slot != 0)
			slot++;
		*slot = (unsigned char)id;
	}
}

enum header_id header_identify(struct str name)
{
	if (name.len == 0 || name.len >= NAME_MAX_LEN)
		return HEADER_OTHER;
	for (const unsigned char *id = by_length[name.len]; *id != 0; id++)
		if (str_equal(known[*id].name, name) || str_equal_nocase(known[*id].name, name))
			return *id;
	return HEADER_OTHER;
}

bool header_is_single(enum header_id id)
{
	return known[id].single;
}

struct header *header_add(struct pool *p, struct header_list *list, struct str name,
			  struct str value)
{
	struct header *h = pool_list_add(p, &list->lines, sizeof(*h));

	if (h != NULL)
		*h = (struct header){.name = name, .value = value};
	return h;
}

int header_add_all(struct pool *p, struct header_list *list, const struct header_list *more)
{
	enum { SPARE = 4 }; /* SPARE means the room for lines that are added later */
	size_t count = list->lines.count + more->lines.count;
	struct header *items = pool_array(p, count + SPARE, sizeof(*items));

	if (items == NULL)
		return -1;
	for (size_t i = 0; i < list->lines.count; i++)
		items[i] = *header_at(list, i);
	for (size_t i = 0; i < more->lines.count; i++)
		items[list->lines.count + i] = *header_at(more, i);
	list->lines = (struct pool_list){items, count, count + SPARE};
	return 0;
}

struct header *header_find(const struct header_list *list, struct str name, size_t nth)
{
	for (size_t i = 0; i < list->lines.count; i++)
		if (str_equal_nocase(header_at(list, i)->name, name) && nth-- == 0)
			return header_at(list, i);
	return NULL;
}

void header_remove(struct header_list *list, struct str name)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->lines.count; i++)
		if (!str_equal_nocase(header_at(list, i)->name, name))
			*header_at(list, kept++) = *header_at(list, i);
	list->lines.count = kept;
}

static bool same_variable_name(struct str header, struct str variable)
{
	if (header.len != variable.len)
		return false;
	for (size_t i = 0; i < header.len; i++) {
		char c = header.data[i] == '-' ? '_' : char_lower(header.data[i]);

		if (c != variable.data[i])
			return false;
	}
	return true;
}

/* Selects the lines to join: all lines with this id, or all lines whose name fits this variable
 * ("x_y" fits "X-Y"). */
struct choice {
	enum header_id id; /* HEADER_OTHER means that `variable` selects the lines */
	struct str variable;
};

static bool is_chosen(const struct header *h, const struct choice *c)
{
	return c->id != HEADER_OTHER ? h->id == c->id : same_variable_name(h->name, c->variable);
}

static size_t joined_size(const struct header_list *list, const struct choice *c,
			  struct str separator, size_t *count)
{
	size_t size = 0;

	for (size_t i = 0; i < list->lines.count; i++) {
		if (is_chosen(header_at(list, i), c)) {
			size += header_at(list, i)->value.len + (*count > 0 ? separator.len : 0);
			++*count;
		}
	}
	return size;
}

static bool join(struct pool *p, const struct header_list *list, const struct choice *c,
		 struct str separator, struct str *value)
{
	size_t count = 0, size = joined_size(list, c, separator, &count);
	char *text = count > 1 ? pool_bytes(p, size) : NULL, *to = text;

	if (count == 0 || (count > 1 && text == NULL))
		return false;
	for (size_t i = 0; i < list->lines.count; i++) {
		const struct header *h = header_at(list, i);

		if (!is_chosen(h, c))
			continue;
		if (count == 1) {
			*value = h->value;
			return true;
		}
		if (to != text)
			to = put_str(to, separator);
		to = put_str(to, h->value);
	}
	*value = str_between(text, to);
	return true;
}

bool header_join(struct pool *p, const struct header_list *list, struct str name,
		 struct str separator, struct str *value)
{
	return join(p, list, &(struct choice){HEADER_OTHER, name}, separator, value);
}

bool header_join_known(struct pool *p, const struct header_list *list, enum header_id id,
		       struct str *value)
{
	return join(p, list, &(struct choice){id, STR_NONE}, STR(", "), value);
}
