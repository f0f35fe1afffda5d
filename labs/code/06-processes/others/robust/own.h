#pragma once

#include "lock.h"

#include <pthread.h>
#include <stdatomic.h>

struct lock {
	pthread_mutex_t mutex;
	enum lock_kind kind;
	int file;
	_Atomic pid_t owner;
};

struct undo {
	long from, to, amount; /* amount: not 0 while it is under way */
	long first_from, first_to;
};
