/*
 * lent: what a process has from the master as long as it lives: its slot on the board, the zones
 * and the accept mutex of its configuration. A later idea of this kind is added here.
 *
 *     the master: lent_take, fork ...................... waitpid, lent_settle
 *     the process:               lent_enter ... exit
 */
#ifndef PROC_LENT_H
#define PROC_LENT_H

#include "proc/worker.h"

struct lent {
	struct board_slot *slot; /* its slot on the board; NULL: the helper has none */
	struct zones *zones; /* a zone that a reload no longer uses stays until its last process */
	struct shm *mutex;   /* older workers may still wait for an older one; NULL: none */
};

/* -1: all slots are taken. */
int lent_take(struct lent *l, const struct cycle *c, enum process_kind kind);

/* `dead`: the process that has ended. Call it before the master starts another process, which
 * could get the same pid. 0: it was never started. */
void lent_settle(struct lent *l, pid_t dead);

/* In a new process: it keeps what was lent to it, and closes what was lent to other
 * processes. */
void lent_enter(const struct lent *l);
void lent_drop(struct lent *l);

#endif
