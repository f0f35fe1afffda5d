/* slots.c - yours: a table of connections that many threads use. */
#include "slots.h"

#include "variant.h"
#include "weave.h"

#include <stdlib.h>

/* LAB-BEGIN 1: the table (about 40 lines) */
/*
 * A slot's word is generation << 32 | state << 24 | pins: what must be checked together is changed
 * together. An open slot has one pin of its own, which slot_close gives back.
 */
enum state { FREE, OPEN, CLOSING };
#define NONE UINT32_MAX

struct slot {
	struct w_word word;
	int fd;
	uint32_t next; /* in the free list, or in the list of the parked */
	int64_t due;
};

static struct slot *slots;
static uint32_t slots_count;
static struct w_lock lock; /* for all that follows, and for next and due */
static uint32_t free_first, parked_first, parked_last;
static int64_t park_time, now;

static uint64_t word_of(uint64_t generation, enum state state, uint64_t pins)
{
	return generation << 32 | (uint64_t)state << 24 | pins;
}

static uint64_t pins_of(uint64_t word)
{
	return word & 0xffffff;
}

static struct slot *slot_of(uint64_t handle)
{
	return (uint32_t)handle < slots_count ? &slots[(uint32_t)handle] : NULL;
}

static bool is_open(uint64_t word, uint64_t handle)
{
	if (word >> 32 != handle >> 32)
		return false;
	return (word >> 24 & 0xff) == OPEN;
}
/* LAB-ELSE
LAB-END */

int slots_init(uint32_t count, int64_t park_ms)
{
	/* LAB-BEGIN 2: all slots are free (about 10 lines) */
	free(slots);
	slots = calloc(count, sizeof *slots);
	if (!slots)
		return -1;
	for (uint32_t i = 0; i < count; i++) {
		slots[i].next = i + 1 < count ? i + 1 : NONE;
		w_store(&slots[i].word, word_of(1, FREE, 0));
	}
	slots_count = count;
	free_first = 0;
	parked_first = parked_last = NONE;
	park_time = park_ms;
	now = 0;
	return 0;
	/* LAB-ELSE
	(void)count, (void)park_ms;
	return 0;
	LAB-END */
}

uint64_t slot_open(int fd)
{
	/* LAB-BEGIN 3: a slot from the free list (about 12 lines) */
	uint64_t generation = 0;
	uint32_t i;

	w_take(&lock);
	i = free_first;
	if (i != NONE) {
		generation = w_load(&slots[i].word) >> 32;
		free_first = slots[i].next;
	}
	w_give(&lock);
	if (i == NONE)
		return 0;
	slots[i].fd = fd;
	w_store(&slots[i].word, word_of(generation, OPEN, 1));
	return generation << 32 | i;
	/* LAB-ELSE
	(void)fd;
	return 0;
	LAB-END */
}

int slot_acquire(uint64_t handle)
{
	/* LAB-BEGIN 4: check and pin (about 10 lines) */
	struct slot *s = slot_of(handle);
	uint64_t word;

	if (!s)
		return -1;
	word = w_load(&s->word);
	do {
		if (!is_open(word, handle))
			return -1;
	} while (!w_cas(&s->word, &word, word + 1));
	return s->fd;
	/* LAB-ELSE
	(void)handle;
	return -1;
	LAB-END */
}

/* LAB-BEGIN 5: the list of the parked (about 12 lines) */
static void park(uint32_t i)
{
	w_take(&lock);
	slots[i].due = now + park_time;
	slots[i].next = NONE;
	if (parked_first == NONE)
		parked_first = i;
	else
		slots[parked_last].next = i;
	parked_last = i;
	w_give(&lock);
}
/* LAB-ELSE
LAB-END */

void slot_release(uint64_t handle)
{
	/* LAB-BEGIN 6: the last pin (about 6 lines) */
	struct slot *s = slot_of(handle);
	uint64_t before = w_add(&s->word, (uint64_t)-1);

	if (pins_of(before) == 1) {
		io_close(s->fd);
		park((uint32_t)handle);
	}
	/* LAB-ELSE
	(void)handle;
	LAB-END */
}

bool slot_close(uint64_t handle)
{
	/* LAB-BEGIN 7: one winner (about 12 lines) */
	struct slot *s = slot_of(handle);
	uint64_t word;

	if (!s)
		return false;
	word = w_load(&s->word);
	do {
		if (!is_open(word, handle))
			return false;
	} while (!w_cas(&s->word, &word, word_of(word >> 32, CLOSING, pins_of(word))));
	io_shutdown(s->fd);
	slot_release(handle);
	return true;
	/* LAB-ELSE
	(void)handle;
	return false;
	LAB-END */
}

uint32_t slots_tick(int64_t now_ms)
{
	/* LAB-BEGIN 8: the parked that are due (about 16 lines) */
	uint32_t freed = 0;

	w_take(&lock);
	now = now_ms;
	while (parked_first != NONE && slots[parked_first].due <= now) {
		uint32_t i = parked_first;
		uint64_t generation = w_load(&slots[i].word) >> 32;

		parked_first = slots[i].next;
		generation = generation == GENERATION_MOST ? 1 : generation + 1;
		w_store(&slots[i].word, word_of(generation, FREE, 0));
		slots[i].next = free_first;
		free_first = i;
		freed++;
	}
	w_give(&lock);
	return freed;
	/* LAB-ELSE
	(void)now_ms;
	return 0;
	LAB-END */
}
