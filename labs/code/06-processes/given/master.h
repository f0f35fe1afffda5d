/* master.h - the master starts workers and replaces those that die. */
#pragma once

#include "lock.h"

#include <sys/types.h>

enum { WORKERS = 4 };

/* deaths.c, yours. SIGCHLD has come: one or more children have died. Reap all of them; for each
 * one tell the lock, then call child_gone. */
void children_died(struct lock *l);

/* Given: the child was reaped; the master starts another one in its place. */
void child_gone(pid_t pid);

/* Until SIGTERM. WORK is what a worker does, and never returns. */
void master_run(struct lock *l, void (*work)(void));
