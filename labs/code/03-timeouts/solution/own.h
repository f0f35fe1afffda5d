/* own.h - yours: struct deadline. All zero means: not set. */
#pragma once

#include "variant.h" /* TICKS_PER_MS LATE_STATUS */

#include <stddef.h>
#include <stdint.h>

struct deadline {
	int64_t due;
	/* LAB-BEGIN 1: what else your queue has to know about it */
	uint64_t order; /* of the calls of deadline_set */
	size_t place;   /* in the heap, which begins with 1 */
	/* LAB-ELSE
	LAB-END */
};
