/*
 * upgrade: another binary takes over while this one serves.
 *
 *     kill -USR2 master     the file on disk is started; it inherits the sockets, reads the
 *                           configuration, writes its own pid file (ours is .oldbin by now)
 *     kill -WINCH master    the old workers finish and leave, only the new ones serve
 *     kill -QUIT master     the old master exits: the upgrade is done
 *     kill -HUP master      or, to cancel: the old master starts workers again, and tells the new one to quit
 */
#ifndef PROC_UPGRADE_H
#define PROC_UPGRADE_H

#include <sys/types.h>

#include "proc/cycle.h"

/* The sockets that an older master has passed to us, in the form that cycle_create takes. */
size_t upgrade_inherited(int *fds, size_t room);

/* The older master still runs: the upgrade may be cancelled. */
bool upgrade_is_on_trial(void);

/* The pid of the new master; -1: it could not be started, and the log says why. */
pid_t upgrade_start(const struct cycle *c);

#endif
