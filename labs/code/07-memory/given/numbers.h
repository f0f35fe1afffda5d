/* numbers.h - what struct small says about itself. */
#pragma once

#include <stddef.h>

struct small_numbers {
	size_t free[64]; /* blocks on list i */
	size_t reserve, heap;
	const char *wrong; /* what cannot be: a list that does not end, a block outside all areas */
};

void small_numbers(struct small_numbers *to);
