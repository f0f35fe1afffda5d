/*
 * board: shared memory with the numbers that each serving process counts. All processes can
 * read them.
 *
 *     | past | slot 0 | slot 1 | ...         one board per master; reloads keep it
 *
 * Each worker has its own slot, and no two slots share a cache line. A worker counts in plain
 * variables, and copies them to its slot once in each turn of the loop. So a request needs no
 * access to shared memory.
 *
 * The board does not know what the numbers mean. Each part of the server adds a table of its
 * numbers before board_open (board_add). The table says in which variables the part counts, and
 * under which names /status shows the numbers.
 *
 * When a worker has ended, the master adds the totals of this worker to `past`, so a total
 * never becomes smaller. The worker's other numbers, such as the number of its connections, are
 * set to 0.
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

enum { BOARD_MOST = 64 }; /* the most numbers, of all parts together */

struct board_number {
	/* the names in /status, for example "slots" and "parked"; a number without a group has
	 * group NULL */
	const char *group, *name;
	/* the name of the number in the rows of the workers; NULL means that it is not shown
	 * there */
	const char *of_worker;
	const uint64_t *from; /* the variable in which this process counts the number */
	/* true for a count since the start, which never becomes smaller; false for a value that
	 * rises and falls */
	bool total;
	uint32_t place; /* set by board_add */
};

struct board_slot {
	/* 0 means that there is no process, or that it has not started yet */
	_Alignas(SHMUTEX_APART) _Atomic pid_t pid;
	/* workers are numbered in the order in which they get a slot; 0 means that the slot is
	 * free */
	_Atomic uint32_t birth;
	_Atomic bool leaving;
	_Atomic uint64_t numbers[BOARD_MOST];
};

/* ---- before board_open */

/* Adds a table. The last entry of the table has no name. The table must stay valid, because the
 * board keeps pointers into it. */
void board_add(struct board_number *numbers);

/* The numbers of the event floor: accepting, slots, tasks, timers, memory. */
enum { BOARD_ACCEPTED, BOARD_HANDLED };
extern struct board_number board_own_numbers[];

/* ---- for the master, or the process that serves alone */

int board_open(void); /* call it before any fork; returns -1 and sets errno on failure */
void board_close(void);
/* Takes a slot for a worker that will be forked. Returns NULL with EAGAIN if no slot is free. */
struct board_slot *board_take(void);
/* Call it when the worker of this slot has ended. It makes the slot free again. */
void board_settle(struct board_slot *s);

/* ---- for a process that serves */

void board_enter(struct board_slot *s);
void board_leave(void); /* from now on this process accepts no new clients */
void board_publish(void);

/* ---- for all */

uint32_t board_size(void);                     /* the number of slots that were ever used */
const struct board_slot *board_at(uint32_t i); /* NULL if no process has this slot now */
/* The number of numbers. Their order is the order in which they were added. */
uint32_t board_numbers(void);
const struct board_number *board_number(uint32_t i);
uint64_t board_value(const struct board_number *n, const struct board_slot *s);
/* Returns the sum over all workers. For a total, workers that have ended are included. */
uint64_t board_sum(const struct board_number *n);
int64_t board_age(void); /* the time since board_open, in ms */

/* Identifies one worker, even when another worker has the same slot later. */
struct board_life {
	uint32_t slot, birth;
};

struct board_life board_own_life(void);
bool board_is_alive(struct board_life life);
uint32_t board_deaths(void); /* the number of workers that have ended so far */

#endif
