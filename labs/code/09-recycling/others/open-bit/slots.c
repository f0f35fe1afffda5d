/* slots.c - yours: a table of connections that many threads use. */
#include "slots.h"

#include "variant.h"
#include "weave.h"

#include <stdlib.h>

/*
 * The word of a slot: generation << 32 | OPEN | pins. A free, closing or parked slot has no OPEN.
 */
enum { NONE = -1 };
#define OPEN 0x80000000u
#define PINS 0x7fffffffu

struct slot {
	struct w_word word;
	int fd;
	int64_t parked; /* when */
	int next;	/* in the free list or in the parked list */
};

static struct {
	struct w_lock lock; /* for the lists, now and the generations */
	struct slot *slot;
	uint32_t count;
	int64_t park_ms, now;
	int free, first, last; /* first and last of the parked: the oldest is first */
} t;

static uint32_t index_of(uint64_t handle)
{
	return (uint32_t)handle;
}

static uint64_t generation_of(uint64_t handle)
{
	return handle >> 32;
}

int slots_init(uint32_t count, int64_t park_ms)
{
	free(t.slot);
	t.slot = calloc(count, sizeof *t.slot);
	if (!t.slot)
		return -1;
	t.count = count;
	t.park_ms = park_ms;
	t.now = 0;
	t.first = t.last = t.free = NONE;
	for (int i = (int)count - 1; i >= 0; i--) {
		w_store(&t.slot[i].word, (uint64_t)1 << 32);
		t.slot[i].next = t.free;
		t.free = i;
	}
	return 0;
}

uint64_t slot_open(int fd)
{
	struct slot *s;
	uint64_t generation;
	int i;

	w_take(&t.lock);
	i = t.free;
	if (i != NONE)
		t.free = t.slot[i].next;
	w_give(&t.lock);
	if (i == NONE)
		return 0;
	s = &t.slot[i];
	s->fd = fd;
	generation = w_load(&s->word) & ~(uint64_t)0xffffffff;
	w_store(&s->word, generation | OPEN);
	return generation | (uint64_t)i;
}

int slot_acquire(uint64_t handle)
{
	struct slot *s;
	uint64_t word;

	if (index_of(handle) >= t.count)
		return -1;
	s = &t.slot[index_of(handle)];
	word = w_load(&s->word);
	do {
		if (word >> 32 != generation_of(handle) || !(word & OPEN))
			return -1;
	} while (!w_cas(&s->word, &word, word + 1));
	return s->fd;
}

static void park(int i)
{
	struct slot *s = &t.slot[i];

	io_close(s->fd);
	w_take(&t.lock);
	s->parked = t.now;
	s->next = NONE;
	if (t.last == NONE)
		t.first = i;
	else
		t.slot[t.last].next = i;
	t.last = i;
	w_give(&t.lock);
}

void slot_release(uint64_t handle)
{
	struct slot *s = &t.slot[index_of(handle)];
	uint64_t word = w_add(&s->word, (uint64_t)-1) - 1;

	if (!(word & OPEN) && (word & PINS) == 0)
		park((int)index_of(handle));
}

bool slot_close(uint64_t handle)
{
	struct slot *s;
	uint64_t word;

	if (index_of(handle) >= t.count)
		return false;
	s = &t.slot[index_of(handle)];
	word = w_load(&s->word);
	do {
		if (word >> 32 != generation_of(handle) || !(word & OPEN))
			return false;
	} while (!w_cas(&s->word, &word, (word & ~(uint64_t)OPEN) + 1)); /* its own pin */
	io_shutdown(s->fd);
	slot_release(handle);
	return true;
}

uint32_t slots_tick(int64_t now_ms)
{
	uint32_t n = 0;

	w_take(&t.lock);
	t.now = now_ms;
	while (t.first != NONE && now_ms - t.slot[t.first].parked >= t.park_ms) {
		int i = t.first;
		struct slot *s = &t.slot[i];
		uint64_t generation = w_load(&s->word) >> 32;

		t.first = s->next;
		if (t.first == NONE)
			t.last = NONE;
		w_store(&s->word, (generation == GENERATION_MOST ? 1 : generation + 1) << 32);
		s->next = t.free;
		t.free = i;
		n++;
	}
	w_give(&t.lock);
	return n;
}
