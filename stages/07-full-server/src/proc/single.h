/*
 * single: everything in one process: `master_process off`, for development,
 * debuggers and lessons.
 */
#ifndef PROC_SINGLE_H
#define PROC_SINGLE_H

#include "proc/cycle.h"

/* Serves until SIGTERM, SIGINT (at once) or SIGQUIT (after what is under way). The exit status. */
int single_run(struct cycle *c, struct module *const *modules, void (*on_ready)(struct cycle *c));

#endif
