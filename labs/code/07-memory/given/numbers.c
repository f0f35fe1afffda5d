#include "numbers.h"
#include "memory.h"
#include "system.h"

#include <stdint.h>

struct small small;

static size_t count(const struct block *b, const char **wrong)
{
	enum { ENDLESS = 10 * 1000 * 1000 };
	size_t n = 0;

	for (; b; b = b->next) {
		if (!system_has(b)) {
			*wrong = "a list has a block outside all memory that is taken";
			return n;
		}
		if ((uintptr_t)b % STEP) {
			*wrong = "a list has a block that is not aligned";
			return n;
		}
		if (++n > ENDLESS) {
			*wrong = "a list does not end";
			return n;
		}
	}
	return n;
}

void small_numbers(struct small_numbers *to)
{
	*to = (struct small_numbers){.heap = small.heap};
	for (int i = 0; i < LISTS && !to->wrong; i++)
		to->free[i] = count(small.lists[i], &to->wrong);
	to->reserve = (size_t)(small.reserve_end - small.reserve);
	if (to->reserve > 0 && !system_has(small.reserve))
		to->wrong = "the reserve lies outside all memory that is taken";
}
