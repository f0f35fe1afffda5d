#include "slots.h"

#include "variant.h"
#include "weave.h"

#include <stdlib.h>

enum state { FREE, OPEN, CLOSING, PARKED };

static struct slot {
	enum state state;
	uint32_t generation, pins;
	int fd;
	int64_t since;
} *slots;
static uint32_t slots_count, *queue, queue_head, queue_length; /* a ring of the parked */
static int64_t park_time, now;
static struct w_lock lock;

int slots_init(uint32_t count, int64_t park_ms)
{
	free(slots);
	free(queue);
	slots = calloc(count, sizeof *slots);
	queue = calloc(count, sizeof *queue);
	if (!slots || !queue)
		return -1;
	for (uint32_t i = 0; i < count; i++)
		slots[i].generation = 1;
	slots_count = count;
	queue_head = queue_length = 0;
	park_time = park_ms;
	now = 0;
	return 0;
}

static bool is_open(const struct slot *s, uint64_t handle)
{
	return s->state == OPEN && s->generation == handle >> 32;
}

uint64_t slot_open(int fd)
{
	uint64_t handle = 0;

	for (uint32_t i = 0; i < slots_count && !handle; i++) {
		struct slot *s = &slots[i];

		w_take(&lock);
		if (s->state == FREE) {
			s->state = OPEN;
			s->fd = fd;
			s->pins = 0;
			handle = (uint64_t)s->generation << 32 | i;
		}
		w_give(&lock);
	}
	return handle;
}

int slot_acquire(uint64_t handle)
{
	struct slot *s = &slots[(uint32_t)handle];
	int fd = -1;

	if ((uint32_t)handle >= slots_count)
		return -1;
	w_take(&lock);
	if (is_open(s, handle)) {
		s->pins++;
		fd = s->fd;
	}
	w_give(&lock);
	return fd;
}

static void end(struct slot *s)
{
	io_close(s->fd);
	w_take(&lock);
	s->since = now;
	queue[(queue_head + queue_length++) % slots_count] = (uint32_t)(s - slots);
	w_give(&lock);
}

void slot_release(uint64_t handle)
{
	struct slot *s = &slots[(uint32_t)handle];
	bool last;

	w_take(&lock);
	last = --s->pins == 0 && s->state == CLOSING;
	if (last)
		s->state = PARKED;
	w_give(&lock);
	if (last)
		end(s);
}

bool slot_close(uint64_t handle)
{
	struct slot *s = &slots[(uint32_t)handle];
	bool won;

	if ((uint32_t)handle >= slots_count)
		return false;
	w_take(&lock);
	won = is_open(s, handle);
	if (won) {
		s->state = CLOSING;
		s->pins++;
	}
	w_give(&lock);
	if (won) {
		io_shutdown(s->fd);
		slot_release(handle);
	}
	return won;
}

uint32_t slots_tick(int64_t now_ms)
{
	uint32_t freed = 0;

	w_take(&lock);
	now = now_ms;
	while (queue_length > 0 && now - slots[queue[queue_head]].since >= park_time) {
		struct slot *s = &slots[queue[queue_head]];

		s->generation = s->generation % GENERATION_MOST + 1;
		s->state = FREE;
		queue_head = (queue_head + 1) % slots_count;
		queue_length--;
		freed++;
	}
	w_give(&lock);
	return freed;
}
