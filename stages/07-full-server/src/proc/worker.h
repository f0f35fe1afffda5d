/*
 * worker: a process that serves. Under a master there are several; with
 * `master_process off` there is this one alone.
 */
#ifndef PROC_WORKER_H
#define PROC_WORKER_H

#include "proc/cycle.h"

/* The NUMBER-th under a master: its rights, its cores. -1: why is in the log. */
int worker_settle(const struct settings *s, int number);

/* Serves until SIGTERM or SIGINT (at once) or SIGQUIT (after what is under way, or
 * worker_shutdown_timeout), or until its master is gone. CHANNEL comes from there; -1: there
 * is no master. The exit status. */
int worker_run(struct cycle *c, size_t number, int channel);

/* From now on they wait for worker_run or the master: whoever sees that we listen may send one. */
void worker_hold_signals(void);

#endif
