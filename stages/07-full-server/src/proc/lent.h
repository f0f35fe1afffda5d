/*
 * lent: the shared memory that the master lends to a process, as long as the process runs. This
 * is a slot on the board, the zones of the configuration, and the accept mutex.
 *
 *     the master: lent_take, fork ...................... waitpid, lent_settle
 *     the process:               lent_enter ... exit
 */
#ifndef PROC_LENT_H
#define PROC_LENT_H

#include "proc/worker.h"

struct lent {
	struct board_slot *slot; /* the slot of the process on the board; NULL for the helper */
	/* the zones stay mapped until the last process that uses them has ended */
	struct zones *zones;
	/* the memory with the accept mutex, or NULL; after a reload, older workers may still
	 * use an older mutex */
	struct shm *mutex;
};

/* Returns -1 if no slot is free. */
int lent_take(struct lent *l, const struct cycle *c, enum process_kind kind);

/* `dead` is the pid of the process that has ended, or 0 if the process was never started. Call
 * lent_settle before the master starts another process, because that process could get the same
 * pid. */
void lent_settle(struct lent *l, pid_t dead);

/* Call it in a new process: from now on the process uses its slot on the board. */
void lent_enter(const struct lent *l);
void lent_drop(struct lent *l);

#endif
