#include "modules/proxy/message/hop.h"

static const struct str usual[] = {
#define NAME(text)                                                                                 \
	{                                                                                          \
		text, sizeof(text) - 1                                                             \
	}
    NAME("Connection"),        NAME("Keep-Alive"), NAME("Proxy-Connection"), NAME("TE"),
    NAME("Transfer-Encoding"), NAME("Trailer"),    NAME("Upgrade"),
};

static bool is_in(struct str name, const struct str *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].len == name.len && str_equal_nocase(list[i], name))
			return true;
	return false;
}

static bool add_names(struct hop *hop, struct str value)
{
	struct str token;

	while (str_next_item(&value, ',', &token)) {
		if (str_equal_nocase(token, STR("close")) ||
		    str_equal_nocase(token, STR("keep-alive")) ||
		    is_in(token, usual, COUNT_OF(usual)))
			continue;
		if (hop->count == HOP_NAMES_MAX)
			return false;
		hop->names[hop->count++] = token;
	}
	return true;
}

bool hop_collect(struct hop *hop, const struct header_list *list)
{
	hop->count = 0;
	for (size_t i = 0; i < list->lines.count; i++) {
		const struct header *h = header_at(list, i);

		if (str_equal_nocase(h->name, STR("Connection")) && !add_names(hop, h->value))
			return false;
	}
	return true;
}

bool hop_ends_here(const struct hop *hop, struct str name)
{
	return is_in(name, usual, COUNT_OF(usual)) || is_in(name, hop->names, hop->count);
}
