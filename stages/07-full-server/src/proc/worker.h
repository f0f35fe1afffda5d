/*
 * worker: a process that serves. Under a master there are several; with
 * `master_process off` there is this one alone.
 */
#ifndef PROC_WORKER_H
#define PROC_WORKER_H

#include "proc/cycle.h"

/* Worker NUMBER of a master: sets its rights and its cores. -1: the log says why. */
int worker_settle(const struct settings *s, int number);

/* Serves until SIGTERM or SIGINT (stops at once), SIGQUIT (finishes what was begun, for at
 * most worker_shutdown_timeout), or until its master ends. CHANNEL: to the master; -1: there
 * is none. Returns the exit status. */
int worker_run(struct cycle *c, size_t number, int channel);

/* Blocks the signals for worker_run or the master. Called before the server listens, because
 * a signal may come as soon as it does. */
void worker_hold_signals(void);

#endif
