#include "http/board.h"

#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "event/thread.h"
#include "http/client/client.h"
#include "mem/shm.h"

enum { SLOTS = 1024 };

struct board {
	_Atomic uint32_t deaths;
	_Atomic uint32_t touched; /* slots that somebody has had */
	uint32_t births;          /* the master's */
	int64_t opened;           /* monotonic ms */
	struct board_slot past;
	struct board_slot slots[SLOTS];
};

static struct shm *shm;
static struct board *board; /* NULL: nobody counts (a test of a part, perhaps) */
static struct board_slot *own;

/* ---- in the master */

int board_open(void)
{
	shm = shm_create(sizeof(*board));
	if (shm == NULL)
		return -1;
	board = shm->memory;
	board->opened = now.ms;
	return 0;
}

void board_close(void)
{
	if (shm != NULL)
		shm_put(shm);
	shm = NULL;
	board = NULL;
	own = NULL;
}

int board_take(void)
{
	for (int i = 0; i < SLOTS; i++) {
		if (board->slots[i].birth != 0)
			continue;
		board->slots[i].birth = ++board->births;
		if ((uint32_t)i == board->touched)
			board->touched++;
		return i;
	}
	errno = EAGAIN;
	return -1;
}

/* First it is not alive any more, then there was a death: who looks after the second knows of
 * the first. */
void board_bury(int slot)
{
	struct board_slot *s = &board->slots[slot];

	for (int n = 0; n < BOARD_NUMBERS; n++) {
		if (n < BOARD_TOTALS)
			board->past.numbers[n] += s->numbers[n];
		s->numbers[n] = 0;
	}
	s->pid = 0;
	s->leaving = false;
	s->birth = 0;
	board->deaths++;
}

/* ---- in a process that serves */

void board_enter(int slot)
{
	own = &board->slots[slot];
	own->pid = getpid();
}

void board_leave(void)
{
	if (own != NULL)
		own->leaving = true;
}

/* Only its owner writes here, and a reader may be a turn late: no order is needed. */
static void note(enum board_number n, uint64_t value)
{
	atomic_store_explicit(&own->numbers[n], value, memory_order_relaxed);
}

static void note_connections(void)
{
	note(BOARD_ACCEPTED, accept_stats.accepted);
	note(BOARD_HANDLED, accept_stats.handled);
	note(BOARD_REFUSED, conn_stats.refused);
	note(BOARD_REUSED, conn_stats.reused);
	note(BOARD_STALE_EVENTS, conn_stats.stale);
	note(BOARD_LATE_RESULTS, conn_stats.late);
}

static void note_slots(void)
{
	note(BOARD_SLOTS, conn_stats.size);
	note(BOARD_SLOTS_USED, conn_stats.used);
	note(BOARD_SLOTS_REUSABLE, conn_stats.reusable);
	note(BOARD_SLOTS_CLOSING, conn_stats.closing);
	note(BOARD_SLOTS_PARKED, conn_stats.parked);
}

static void note_clients(void)
{
	note(BOARD_REQUESTS, client_stats.requests);
	note(BOARD_READING, client_stats.reading);
	note(BOARD_WRITING, client_stats.writing);
	note(BOARD_WAITING, client_stats.waiting);
}

static void note_tasks(void)
{
	note(BOARD_TIMERS, timers_count());
	note(BOARD_TASKS, thread_stats.in_flight);
	note(BOARD_TASKS_DONE, thread_stats.finished);
	note(BOARD_TASKS_REFUSED, thread_stats.refused);
}

static void note_memory(void)
{
	note(BOARD_POOLS, pool_stats.pools);
	note(BOARD_POOL_BLOCKS, pool_stats.blocks);
	note(BOARD_POOL_BLOCKS_KEPT, pool_stats.kept);
	note(BOARD_POOL_LARGE_BYTES, pool_stats.large_bytes);
}

void board_note(enum board_number n, uint64_t value)
{
	if (own != NULL)
		note(n, value);
}

void board_publish(void)
{
	if (own == NULL)
		return;
	note_connections();
	note_slots();
	note_clients();
	note_tasks();
	note_memory();
}

/* ---- for all who look */

const struct board_slot *board_at(uint32_t i)
{
	return i < board_size() && board->slots[i].pid != 0 ? &board->slots[i] : NULL;
}

uint32_t board_size(void)
{
	return board != NULL ? board->touched : 0;
}

uint64_t board_number_of(const struct board_slot *s, enum board_number n)
{
	return atomic_load_explicit(&s->numbers[n], memory_order_relaxed);
}

uint64_t board_sum(enum board_number n)
{
	uint64_t sum = board != NULL ? board_number_of(&board->past, n) : 0;

	for (uint32_t i = 0; i < board_size(); i++)
		sum += board_number_of(&board->slots[i], n);
	return sum;
}

int64_t board_age(void)
{
	return board != NULL ? now.ms - board->opened : 0;
}

struct board_life board_own_life(void)
{
	if (own == NULL)
		return (struct board_life){0, 0};
	return (struct board_life){(uint32_t)(own - board->slots), own->birth};
}

bool board_is_alive(struct board_life life)
{
	return board == NULL || board->slots[life.slot].birth == life.birth;
}

uint32_t board_deaths(void)
{
	return board != NULL ? board->deaths : 0;
}
