/*
 * Range headers: the first two bytes are the size of a file, the rest is the header's value.
 * What is to be sent lies in the file, and all of it together is no more than the file.
 */
#include "http/message/ranges.h"
#include "fuzz.h"

enum { MOST = 20 };

static void check_list(const struct pool_list *list, int64_t size)
{
	const struct range *ranges = list->items;
	int64_t sum = 0;

	HOLDS(list->count > 0 && list->count <= MOST);
	for (size_t i = 0; i < list->count; i++) {
		HOLDS(ranges[i].from >= 0 && ranges[i].from < ranges[i].to &&
		      ranges[i].to <= size);
		sum += ranges[i].to - ranges[i].from;
	}
	HOLDS(sum <= size);
	/* what overlaps the one before it is one with it */
	for (size_t i = 1; i < list->count; i++)
		HOLDS(ranges[i].from >= ranges[i - 1].to || ranges[i].to <= ranges[i - 1].from);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pool_list list = {.count = 0};
	struct pool *pool;
	int64_t length;

	if (size < 2)
		return 0;
	length = data[0] << 8 | data[1];
	pool = pool_create(POOL_BLOCK);
	HOLDS(pool != NULL);
	if (ranges_parse(pool, (struct str){(const char *)data + 2, size - 2}, length, MOST,
			 &list) == RANGES_GOOD)
		check_list(&list, length);
	pool_destroy(pool);
	return 0;
}
