/* own.h - a deadline is a node of a pairing heap. */
#pragma once

#include "variant.h"

#include <stdint.h>

struct deadline {
	int64_t due;
	uint64_t order;                        /* 0: not set */
	struct deadline *child, *next, **from; /* FROM points to this one */
};
