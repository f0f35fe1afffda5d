/*
 * worker: a process that serves. Under a master there are several; with
 * `master_process off` there is this one alone.
 *
 * The helper of a master lives like a worker, with a loop, signals and a channel, but it accepts
 * no clients. It does what modules have to do beside serving, and only exists if one of them
 * says so. A process that serves alone is its own helper.
 */
#ifndef PROC_WORKER_H
#define PROC_WORKER_H

#include "proc/cycle.h"

enum process_kind { PROCESS_WORKER, PROCESS_HELPER };

/* Becomes the worker with this number, or the helper of the master: sets its rights, and a
 * worker's cores. -1: the log says why not. */
int worker_settle(const struct settings *s, enum process_kind kind, int number);

bool worker_needs_helper(const struct cycle *c);

/* Serves until SIGTERM or SIGINT (stops at once), SIGQUIT (finishes what was begun, for at
 * most worker_shutdown_timeout), or until its master ends. CHANNEL: to the master; -1: there
 * is none. Returns the exit status. */
int worker_run(struct cycle *c, enum process_kind kind, size_t number, int channel);

/* Blocks the signals that worker_run and the master read. Call it before the server listens: a
 * signal may come as soon as it does. */
void worker_hold_signals(void);

#endif
