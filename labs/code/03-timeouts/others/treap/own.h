/* own.h - a deadline is a node of a tree: no memory is needed to set one. */
#pragma once

#include "variant.h"

#include <stdbool.h>
#include <stdint.h>

struct deadline {
	int64_t due;
	uint64_t order;
	struct deadline *left, *right, *up;
	unsigned rank; /* random: a parent's is not smaller */
	bool set;
};
