/*
 * master: the process that owns the sockets, the configuration and the workers. It handles no
 * requests.
 *
 *     SIGTERM, SIGINT   all stop at once
 *     SIGQUIT           the workers finish the requests that have begun, then all stop
 *     SIGHUP            the configuration is read again; new workers use the new configuration,
 *                       and the old workers finish; if the configuration has an error, the error
 *                       is logged and nothing changes
 *     SIGUSR1           log files are opened again
 *     SIGUSR2, SIGWINCH see upgrade.h
 *     SIGCHLD           a worker has ended: a new worker replaces it
 *     SIGIO             a worker has sent a message, see channel.h
 *
 * There are no signal handlers. The signals are always blocked, and sigtimedwait returns them
 * one by one. So no signal interrupts other code.
 */
#ifndef PROC_MASTER_H
#define PROC_MASTER_H

#include "proc/cycle.h"

/*
 * Returns the exit status, in the master and in each worker, when that process must exit. The
 * caller must destroy the configuration *c. It may be another one than before, because a reload
 * replaces it.
 */
int master_run(struct cycle **c, const struct cycle_options *o, struct module **modules);

#endif
