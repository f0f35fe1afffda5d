/* A counter of the bytes in use in each chunk; a pool has one list of everything to undo. */
#pragma once

#include "memory.h"

struct chunk {
	struct chunk *next;
	char *from, *to;
	size_t busy;
};

enum undo_kind { UNDO_BLOCK, UNDO_LARGE, UNDO_RUN, UNDO_CHILD, UNDO_NOTHING };

struct undo {
	struct undo *older;
	enum undo_kind kind;
	size_t n;
	void *what;
	void (*run)(void *data);
};

struct pool {
	struct undo *newest, *in_parent;
	char *free, *end;
	size_t self;
};

struct pool_mark {
	struct undo *newest;
	char *free, *end;
};
