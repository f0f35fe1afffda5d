/*
 * worker: a process that serves. Under a master there are several; with
 * `master_process off` there is this one alone.
 */
#ifndef PROC_WORKER_H
#define PROC_WORKER_H

#include "proc/cycle.h"

/* Serves until SIGTERM or SIGINT (at once) or SIGQUIT (after what is under way). The exit status. */
int worker_run(struct cycle *c, struct module *const *modules);

#endif
