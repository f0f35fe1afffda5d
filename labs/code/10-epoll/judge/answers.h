/*
 * What the checks of lab 10 share: random scripts, whose right answers are those of the
 * kernel's epoll over AF_UNIX pairs. The scripts do not fill a socket and do not combine OUT
 * with ET: the kernel reports more edges there than a rule can say.
 */
#pragma once

#include "program.h"

struct program *puppet(void);

/* Scripts of LEAST to MOST steps. The first one that differs is made as short as it can be. */
void scripts_check(int scripts, int least, int most);
