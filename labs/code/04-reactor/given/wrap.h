/* wrap.h - what stands between your reactor and the kernel: it counts calls, and with a fake clock
 * it lets time pass without waiting. */
#pragma once

#include <stdbool.h>

struct wrap_numbers {
	long waits, ctls;
};

extern struct wrap_numbers wrap_numbers;

void wrap_fake_clock(void); /* from now on time stands still, but for waits and clock_move */
void wrap_clock_move(long ms);
