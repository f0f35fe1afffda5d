/*
 * upgrade: replaces the binary of the server while the server runs.
 *
 *     kill -USR2 master     starts the new binary: it inherits the sockets, reads the
 *                           configuration and writes its own pid file (the old pid
 *                           file gets the name .oldbin)
 *     kill -WINCH master    the old workers finish their requests and exit
 *     kill -QUIT master     the old master exits: the upgrade is done
 *     kill -HUP master      cancels the upgrade: the old master starts workers again,
 *                           and tells the new master to quit
 */
#ifndef PROC_UPGRADE_H
#define PROC_UPGRADE_H

#include <sys/types.h>

#include "proc/cycle.h"

/* Stores the sockets that an older master has passed to this process in `fds`, for
 * cycle_options. Returns the number of sockets. */
size_t upgrade_inherited(int *fds, size_t room);

/* Returns true if the older master still runs. Then the upgrade may still be cancelled. */
bool upgrade_is_on_trial(void);

/* Returns the pid of the new master. If it could not be started, writes a line to the log and
 * returns -1. */
pid_t upgrade_start(const struct cycle *c);

#endif
