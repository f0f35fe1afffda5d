/* own.h - yours: what processes share. */
#pragma once

#include "lock.h"

#include <semaphore.h>
#include <stdatomic.h>

struct lock {
	atomic_int owner; /* 0: free; a process; or LEFT_BEHIND */
	enum lock_kind kind;
	int file;
	sem_t wake; /* 0 or 1, a few more in a race */
};

struct undo {
	int armed;
	int from, to;
	long was_from, was_to;
};
