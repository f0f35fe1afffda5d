/* ledger.h - yours to write: accounts whose sum is always the same, also after a death. */
#pragma once

#include "own.h"
#include "variant.h"

struct ledger {
	long balance[ACCOUNTS];
	struct undo undo; /* own.h; all zeros at first */
};

/* Both are called by the owner of the lock. FROM and TO are accounts; they may be the same one. */
void ledger_transfer(struct ledger *g, int from, int to, long amount);

/* The last owner died at any instruction of ledger_transfer or ledger_repair, or outside of
 * them: the sum is right again. A transfer that was complete, or not begun, stays as it is. */
void ledger_repair(struct ledger *g);
