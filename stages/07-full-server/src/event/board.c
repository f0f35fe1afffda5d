#include "event/board.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <unistd.h>

#include "base/clock.h"
#include "event/accept.h"
#include "event/thread.h"
#include "mem/pool.h"
#include "mem/shm.h"

enum { SLOTS = 1024 };

struct board {
	_Atomic uint32_t deaths;
	_Atomic uint32_t touched; /* the number of slots that a worker has used so far */
	uint32_t births;          /* only the master changes it */
	int64_t opened;           /* when the board was opened, in ms of the monotonic clock */
	struct board_slot past;
	struct board_slot slots[SLOTS];
};

static struct shm *shm;
static struct board *board; /* NULL means that nothing is counted (as in unit tests) */
static struct board_slot *own;

static struct board_number *numbers[BOARD_MOST];
/* counted[i] points to the variable in which this process counts number i. In each turn of the
 * loop the value is copied to the slot of this process. */
static const uint64_t *counted[BOARD_MOST];
static uint32_t count;

/* ---- the numbers */

void board_add(struct board_number *n)
{
	for (; n != NULL && n->name != NULL; n++) {
		assert(count < BOARD_MOST && board == NULL);
		n->place = count;
		counted[count] = n->from;
		numbers[count++] = n;
	}
}

struct board_number board_own_numbers[] = {
    [BOARD_ACCEPTED] = {"connections", "accepted", "accepted", &accept_stats.accepted, true, 0},
    [BOARD_HANDLED] = {"connections", "handled", NULL, &accept_stats.handled, true, 0},
    {"connections", "refused", NULL, &conn_stats.refused, true, 0},
    {"connections", "reused", NULL, &conn_stats.reused, true, 0},
    {"slots", "size", NULL, &conn_stats.size, false, 0},
    {"slots", "used", NULL, &conn_stats.used, false, 0},
    {"slots", "reusable", NULL, &conn_stats.reusable, false, 0},
    {"slots", "closing", NULL, &conn_stats.closing, false, 0},
    {"slots", "parked", "parked", &conn_stats.parked, false, 0},
    {"slots", "stale_events", NULL, &conn_stats.stale, true, 0},
    {"slots", "late_results", NULL, &conn_stats.late, true, 0},
    {"tasks", "in_flight", "tasks", &thread_stats.in_flight, false, 0},
    {"tasks", "finished", NULL, &thread_stats.finished, true, 0},
    {"tasks", "refused", NULL, &thread_stats.refused, true, 0},
    {NULL, "timers", "timers", &timers_queued, false, 0},
    {"pools", "alive", "pools", &pool_stats.pools, false, 0},
    {"pools", "blocks", NULL, &pool_stats.blocks, false, 0},
    {"pools", "kept", NULL, &pool_stats.kept, false, 0},
    {"pools", "large_bytes", NULL, &pool_stats.large_bytes, false, 0},
    {.name = NULL},
};

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

struct board_slot *board_take(void)
{
	for (int i = 0; i < SLOTS; i++) {
		if (board->slots[i].birth != 0)
			continue;
		board->slots[i].birth = ++board->births;
		if ((uint32_t)i == board->touched)
			board->touched++;
		return &board->slots[i];
	}
	errno = EAGAIN;
	return NULL;
}

/* Marks the worker as ended, and only then changes the count of ended workers. So a process
 * that sees the new count also sees the mark. */
void board_settle(struct board_slot *s)
{
	for (uint32_t i = 0; i < count; i++) {
		if (numbers[i]->total)
			board->past.numbers[i] += s->numbers[i];
		s->numbers[i] = 0;
	}
	s->pid = 0;
	s->leaving = false;
	s->birth = 0;
	board->deaths++;
}

/* ---- in a process that serves */

void board_enter(struct board_slot *s)
{
	own = s;
	own->pid = getpid();
}

void board_leave(void)
{
	if (own != NULL)
		own->leaving = true;
}

/* Only one worker writes to a slot, and a reader may see numbers from the turn before. So no
 * memory order is needed. */
void board_publish(void)
{
	struct board_slot *to = own;

	if (to == NULL)
		return;
	for (uint32_t i = 0, most = count; i < most; i++)
		atomic_store_explicit(&to->numbers[i], *counted[i], memory_order_relaxed);
}

/* ---- for all readers */

const struct board_slot *board_at(uint32_t i)
{
	return i < board_size() && board->slots[i].pid != 0 ? &board->slots[i] : NULL;
}

uint32_t board_size(void)
{
	return board != NULL ? board->touched : 0;
}

uint32_t board_numbers(void)
{
	return count;
}

const struct board_number *board_number(uint32_t i)
{
	return numbers[i];
}

uint64_t board_value(const struct board_number *n, const struct board_slot *s)
{
	return atomic_load_explicit(&s->numbers[n->place], memory_order_relaxed);
}

uint64_t board_sum(const struct board_number *n)
{
	uint64_t sum = board != NULL ? board_value(n, &board->past) : 0;

	for (uint32_t i = 0; i < board_size(); i++)
		sum += board_value(n, &board->slots[i]);
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
