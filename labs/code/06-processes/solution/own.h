/* own.h - yours: what processes share. */
#pragma once

#include "lock.h"

#include <semaphore.h>
#include <stdatomic.h>

struct lock {
	/* LAB-BEGIN 1: the lock (about 6 lines) */
	_Atomic pid_t owner; /* FREE, LEFT_BEHIND, or the process inside */
	_Atomic int waiters; /* about to sleep, or asleep; those killed asleep stay counted */
	sem_t wake;
	enum lock_kind kind;
	int file;
	/* LAB-ELSE
	int unused;
	LAB-END */
};

struct undo {
	/* LAB-BEGIN 2: what takes a transfer back (about 4 lines) */
	int armed; /* not 0: the accounts may be wrong, and what follows is right */
	int from, to;
	long old_from, old_to;
	/* LAB-ELSE
	int unused;
	LAB-END */
};
