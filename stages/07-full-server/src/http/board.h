/*
 * board: what each process that serves has counted, where all can read it.
 *
 *     | past | slot 0 | slot 1 | ...         of one master, through all reloads
 *
 * A worker has a slot of its own, in cache lines of its own. It counts where it
 * always did, in plain variables, and copies them there once a turn of the
 * loop: a request pays nothing for being counted for others.
 *
 * When a worker is dead, the master adds what it has counted to the past's
 * slot, so no total ever sinks; what there was of it at that moment, such as
 * its connections, is forgotten with it.
 *
 * A process that serves alone, without a master, has a board of the same kind.
 */
#ifndef HTTP_BOARD_H
#define HTTP_BOARD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "mem/shmutex.h"

enum board_number {
	/* so often, since the beginning */
	BOARD_ACCEPTED,
	BOARD_HANDLED,
	BOARD_REFUSED, /* no slot was free */
	BOARD_REUSED,
	BOARD_STALE_EVENTS,
	BOARD_LATE_RESULTS, /* of tasks whose connection was gone */
	BOARD_TASKS_DONE,   /* by threads */
	BOARD_TASKS_REFUSED,
	BOARD_REQUESTS,
	BOARD_PACKETS,
	BOARD_TOTALS,
	/* so many, now */
	BOARD_READING = BOARD_TOTALS,
	BOARD_WRITING,
	BOARD_WAITING,
	BOARD_PACKET_CLIENTS,
	BOARD_SLOTS,
	BOARD_SLOTS_USED,
	BOARD_SLOTS_REUSABLE,
	BOARD_SLOTS_CLOSING,
	BOARD_SLOTS_PARKED,
	BOARD_TASKS, /* with threads */
	BOARD_TIMERS,
	BOARD_POOLS,
	BOARD_POOL_BLOCKS,
	BOARD_POOL_BLOCKS_KEPT,
	BOARD_POOL_LARGE_BYTES,
	BOARD_NUMBERS
};

struct board_slot {
	_Alignas(SHMUTEX_APART) _Atomic pid_t pid; /* 0: nobody's, or not there yet */
	_Atomic uint32_t birth;                    /* which of all workers ever; 0: free */
	_Atomic bool leaving;
	_Atomic uint64_t numbers[BOARD_NUMBERS];
};

/* ---- for the master, or the process that serves alone */

int board_open(void); /* before any fork; -1: errno says why */
void board_close(void);
int board_take(void); /* for a worker that will be born; -1 with EAGAIN: all slots are taken */
void board_bury(int slot);

/* ---- for the process that serves */

void board_enter(int slot);
void board_leave(void); /* it begins nothing new */
void board_publish(void);
void board_note(enum board_number n, uint64_t value); /* for those above who count for themselves */

/* ---- for all */

uint32_t board_size(void);                     /* slots that were ever used */
const struct board_slot *board_at(uint32_t i); /* NULL: nobody is there now */
uint64_t board_number_of(const struct board_slot *s, enum board_number n);
uint64_t board_sum(enum board_number n); /* of all, the dead too if it is a total */
int64_t board_age(void);                 /* ms */

/* Names a worker even when another has its slot. */
struct board_life {
	uint32_t slot, birth;
};

struct board_life board_own_life(void);
bool board_is_alive(struct board_life life);
uint32_t board_deaths(void); /* so far: when it has changed, somebody is not alive any more */

#endif
