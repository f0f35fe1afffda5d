/*
 * board: the numbers that each serving process has counted, where all processes can read them.
 *
 *     | past | slot 0 | slot 1 | ...         of one master, through all reloads
 *
 * A worker has a slot of its own, in cache lines of its own. It counts in plain variables and
 * copies them to its slot once in each turn of the loop. So the shared count costs a request
 * nothing.
 *
 * The board does not know what is counted. Each part brings a table of its
 * numbers (board_add, before board_open): where it counts them, and under which
 * names /status shows them.
 *
 * When a worker has ended, the master adds its totals to those of the past, so
 * no total ever sinks. Its other numbers, such as its connections, end with it.
 *
 * A process that serves alone, without a master, has a board of the same kind.
 */
#ifndef EVENT_BOARD_H
#define EVENT_BOARD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "mem/shmutex.h"

enum { BOARD_MOST = 64 }; /* numbers, of all parts together */

struct board_number {
	const char *group, *name; /* in /status: "slots", "parked"; group NULL: in no group */
	/* its name in the rows of the workers; NULL: it is not shown there */
	const char *of_worker;
	const uint64_t *from; /* the variable in which this process counts it */
	/* true: counted since the start, so it never sinks; false: a present value */
	bool total;
	uint32_t place; /* the board's */
};

struct board_slot {
	_Alignas(SHMUTEX_APART) _Atomic pid_t pid; /* 0: no process, or not started yet */
	/* the number of this worker, counted from the start of the master; 0: free */
	_Atomic uint32_t birth;
	_Atomic bool leaving;
	_Atomic uint64_t numbers[BOARD_MOST];
};

/* ---- before board_open */

/* Adds a table. The table ends with a number without a name, and must stay where it is. */
void board_add(struct board_number *numbers);

/* The numbers of the event floor: accepting, slots, tasks, timers, memory. */
enum { BOARD_ACCEPTED, BOARD_HANDLED };
extern struct board_number board_own_numbers[];

/* ---- for the master, or the process that serves alone */

int board_open(void); /* before any fork; -1: errno says why */
void board_close(void);
/* takes a slot for a worker that will be forked; NULL with EAGAIN: all slots are taken */
struct board_slot *board_take(void);
/* call it when the worker of this slot has ended: the slot is free again */
void board_settle(struct board_slot *s);

/* ---- for the process that serves */

void board_enter(struct board_slot *s);
void board_leave(void); /* from now on this process accepts no new clients */
void board_publish(void);

/* ---- for all */

uint32_t board_size(void);                     /* how many slots were ever used */
const struct board_slot *board_at(uint32_t i); /* NULL: no process has this slot now */
/* how many numbers there are; their order is the order in which they were added */
uint32_t board_numbers(void);
const struct board_number *board_number(uint32_t i);
uint64_t board_value(const struct board_number *n, const struct board_slot *s);
/* the sum over all workers; for a total, workers that have ended are included */
uint64_t board_sum(const struct board_number *n);
int64_t board_age(void); /* ms */

/* Identifies a worker even when another one has its slot later. */
struct board_life {
	uint32_t slot, birth;
};

struct board_life board_own_life(void);
bool board_is_alive(struct board_life life);
uint32_t board_deaths(void); /* how many workers have ended so far */

#endif
