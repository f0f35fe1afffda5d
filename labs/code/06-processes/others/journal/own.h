#pragma once

#include "lock.h"

#include <stdatomic.h>

struct lock {
	_Atomic int word;   /* 0, or the owner; negative: an owner that died */
	_Atomic int change; /* counts what might let a sleeper in */
	enum lock_kind kind;
	int file;
};

/* What is to be done: written before it is begun, so a repair does it to the end. */
struct undo {
	_Atomic int count;
	int account[2];
	long balance[2];
};
