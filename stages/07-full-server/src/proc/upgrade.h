/*
 * upgrade: another binary takes over while this one serves.
 *
 *     kill -USR2 master     the file on disk is started; it inherits the sockets, reads the
 *                           configuration, writes its own pid file (ours is .oldbin by now)
 *     kill -WINCH master    our workers finish and leave, the new ones serve alone
 *     kill -QUIT master     we leave too: the upgrade is done
 *     kill -HUP master      or, instead: our workers come back, and the new master is told to quit
 */
#ifndef PROC_UPGRADE_H
#define PROC_UPGRADE_H

#include <sys/types.h>

#include "proc/cycle.h"

/* The sockets that an older master has left to us, as cycle_create wants them. */
size_t upgrade_inherited(int *fds, size_t room);

/* The older master is still there: it may want its sockets and its clients back. */
bool upgrade_is_on_trial(void);

/* The new master's number; -1 when it could not be started, and why is in the log. */
pid_t upgrade_start(const struct cycle *c);

#endif
