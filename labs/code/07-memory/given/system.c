/*
 * system.c - where all memory comes from. It counts, it refuses when it is told to, and it fills
 * memory with junk: 0xa5 when it is taken, 0xdd when it is given back.
 */
#include "system.h"
#include "memory.h"

#include <stdlib.h>
#include <string.h>

struct area {
	char *at;
	size_t n;
};

static struct area *areas;
static size_t room;
static size_t grant, refuse;
static struct system_numbers numbers;

void system_numbers(struct system_numbers *to)
{
	*to = numbers;
}

void system_refuse(size_t count, size_t times)
{
	grant = count;
	refuse = times;
}

static bool refused(void)
{
	numbers.takes++;
	if (grant > 0) {
		grant--;
		return false;
	}
	if (refuse == 0)
		return false;
	refuse--;
	return true;
}

static bool make_room(void)
{
	size_t more = room * 2 + 64;
	struct area *larger;

	if (numbers.areas < room)
		return true;
	larger = realloc(areas, more * sizeof *areas);
	if (!larger)
		return false;
	areas = larger;
	room = more;
	return true;
}

void *system_take(size_t n)
{
	enum { MOST = 1 << 28 }; /* so that a wrong size does not stop the machine */
	char *at;

	if (refused() || n > MOST || !make_room() || !(at = malloc(n ? n : 1))) {
		numbers.refused++;
		return NULL;
	}
	memset(at, 0xa5, n);
	areas[numbers.areas++] = (struct area){at, n};
	numbers.bytes += n;
	return at;
}

void system_give(void *area)
{
	for (size_t i = numbers.areas; i-- > 0;) {
		if (areas[i].at != area)
			continue;
		memset(areas[i].at, 0xdd, areas[i].n);
		free(areas[i].at);
		numbers.bytes -= areas[i].n;
		areas[i] = areas[--numbers.areas];
		return;
	}
	numbers.wrong++;
}

bool system_has(const void *byte)
{
	for (size_t i = 0; i < numbers.areas; i++)
		if ((const char *)byte >= areas[i].at && (const char *)byte < areas[i].at + areas[i].n)
			return true;
	return false;
}

void system_end(void)
{
	for (size_t i = 0; i < numbers.areas; i++)
		free(areas[i].at);
	free(areas);
}
