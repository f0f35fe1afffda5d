/* bank.h - what the processes share, and what a worker does. */
#pragma once

#include "ledger.h"
#include "lock.h"

struct bank {
	struct lock lock;
	struct ledger ledger;
};

/* Serves clients of LISTENER, one after the other, for ever. */
_Noreturn void bank_serve(struct bank *b, int listener);
