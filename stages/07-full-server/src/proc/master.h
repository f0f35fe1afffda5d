/*
 * master: the process that owns the sockets, the configuration and the
 * workers, and handles no request.
 *
 *     SIGTERM, SIGINT   all stop at once
 *     SIGQUIT           the workers finish what they have begun, then all stop
 *     SIGHUP            the configuration is read again: new workers with the new one,
 *                       the old ones finish; a faulty one is logged and changes nothing
 *     SIGUSR1           log files are opened again
 *     SIGUSR2, SIGWINCH see upgrade.h
 *     SIGCHLD           a worker has ended: another replaces it
 *     SIGIO             a worker has sent a message, see channel.h
 *
 * There are no signal handlers: the signals stay blocked, and sigtimedwait returns them one by
 * one. So no signal interrupts other code.
 */
#ifndef PROC_MASTER_H
#define PROC_MASTER_H

#include "proc/cycle.h"

/*
 * Returns in the master when it ends, and in every worker when that ends. *c is the
 * configuration to destroy; a reload may have replaced it.
 */
int master_run(struct cycle **c, const struct cycle_options *o, struct module **modules);

#endif
