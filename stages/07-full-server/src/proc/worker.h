/*
 * worker: a process that serves clients. A master can have several workers. With
 * `master_process off` there is only one process, which serves without a master.
 *
 * The helper of a master is a process like a worker, with a loop, signals and a channel. But it
 * accepts no clients: it does the work of modules that is not part of serving. The helper
 * exists only if a module needs it. A process that serves alone also does the work of the
 * helper.
 */
#ifndef PROC_WORKER_H
#define PROC_WORKER_H

#include "proc/cycle.h"

enum process_kind { PROCESS_WORKER, PROCESS_HELPER };

/* Makes this process the worker with this number, or the helper of the master. Sets the rights
 * of the process, and the cores of a worker. On failure writes a line to the log and returns
 * -1. */
int worker_settle(const struct settings *s, enum process_kind kind, int number);

bool worker_needs_helper(const struct cycle *c);

/* Serves until a signal comes or the master ends. After SIGTERM or SIGINT it stops at once.
 * After SIGQUIT it finishes the requests that have begun, for at most worker_shutdown_timeout.
 * `channel` is the channel to the master, or -1 if there is no master. Returns the exit status. */
int worker_run(struct cycle *c, enum process_kind kind, size_t number, int channel);

/* Blocks the signals that worker_run and the master read. Call it before the server listens,
 * because a signal may come as soon as the server listens. */
void worker_hold_signals(void);

#endif
