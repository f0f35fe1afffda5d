#include "http/message/ranges.h"

enum {
	JUMPS_MAX = 2, /* JUMPS_MAX means how often the parts may jump back (RFC 9110, 14.2) */
	/* FREE_PARTS means how many parts count only their own bytes. Each further part also
	 * has a boundary and a head. PART_COST means about how many bytes they have. */
	FREE_PARTS = 8,
	PART_COST = 128,
};

/* Reads any number of digits. A number that is too large becomes INT64_MAX. This position is
 * behind the end of every file. */
static bool parse_position(struct str text, int64_t *n)
{
	for (size_t i = 0; i < text.len; i++)
		if (!char_is_digit(text.data[i]))
			return false;
	*n = str_to_number(text);
	if (*n < 0)
		*n = INT64_MAX;
	return text.len > 0;
}

/* Parses the 5 of "-5". "-5" means the last five bytes. */
static enum ranges_result parse_suffix(struct str text, int64_t size, struct range *range)
{
	int64_t count;

	if (!parse_position(text, &count))
		return RANGES_IGNORE;
	range->from = count < size ? size - count : 0;
	range->to = size;
	return range->to > range->from ? RANGES_GOOD : RANGES_UNSATISFIABLE;
}

/* Parses one item of the header: "0-9", "5-" or "-5". */
static enum ranges_result parse_range(struct str text, int64_t size, struct range *range)
{
	const char *dash = memchr(text.data, '-', text.len);
	struct str first, last;
	int64_t end = size - 1;

	if (dash == NULL)
		return RANGES_IGNORE;
	first = str_between(text.data, dash);
	last = str_between(dash + 1, text.data + text.len);
	if (first.len == 0)
		return parse_suffix(last, size, range);
	if (!parse_position(first, &range->from))
		return RANGES_IGNORE;
	if (last.len > 0 && (!parse_position(last, &end) || end < range->from))
		return RANGES_IGNORE;
	range->to = end < size ? end + 1 : size;
	return range->from < size ? RANGES_GOOD : RANGES_UNSATISFIABLE;
}

static bool join(struct range *a, const struct range *b)
{
	if (b->from >= a->to || a->from >= b->to)
		return false;
	a->from = b->from < a->from ? b->from : a->from;
	a->to = b->to > a->to ? b->to : a->to;
	return true;
}

struct set {
	struct pool *pool;
	struct pool_list *list;
	int jumps;
};

/* The last part has become larger and may now overlap the part before it. Joins the parts
 * that overlap. */
static void join_backwards(struct pool_list *list)
{
	struct range *ranges = list->items;

	while (list->count > 1 && join(&ranges[list->count - 2], &ranges[list->count - 1]))
		list->count--;
}

/* Returns false if the whole header must be ignored. */
static bool add(struct set *set, struct range range)
{
	struct range *last;

	if (set->list->count > 0) {
		last = (struct range *)set->list->items + set->list->count - 1;
		if (join(last, &range)) {
			join_backwards(set->list);
			return true;
		}
		if (range.from < last->from && ++set->jumps > JUMPS_MAX)
			return false;
	}
	last = pool_list_add(set->pool, set->list, sizeof(range));
	if (last == NULL)
		return false;
	*last = range;
	return true;
}

static int64_t cost(const struct pool_list *list)
{
	int64_t sum =
	    list->count > FREE_PARTS ? (int64_t)(list->count - FREE_PARTS) * PART_COST : 0;

	for (size_t i = 0; i < list->count; i++) {
		const struct range *range = (const struct range *)list->items + i;

		/* The size of a file fits into 64 bits, but a sum of many sizes may not. */
		if (__builtin_add_overflow(sum, range->to - range->from, &sum))
			return INT64_MAX;
	}
	return sum;
}

enum ranges_result ranges_parse(struct pool *p, struct str value, int64_t size, int64_t most,
				struct pool_list *list)
{
	struct set set = {.pool = p, .list = list};
	int64_t count = 0;
	struct str item;

	if (value.len < 6 || !str_equal_nocase((struct str){value.data, 6}, STR("bytes=")))
		return RANGES_IGNORE;
	value = (struct str){value.data + 6, value.len - 6};
	while (str_next_item(&value, ',', &item)) {
		struct range range;
		enum ranges_result result = parse_range(item, size, &range);

		if (result == RANGES_IGNORE || ++count > most)
			return RANGES_IGNORE;
		if (result == RANGES_GOOD && !add(&set, range))
			return RANGES_IGNORE;
	}
	if (count == 0 || cost(list) > size)
		return RANGES_IGNORE;
	return list->count > 0 ? RANGES_GOOD : RANGES_UNSATISFIABLE;
}
