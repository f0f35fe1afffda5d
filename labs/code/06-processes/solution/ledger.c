/* ledger.c - yours: transfers that can be taken back. */
#include "ledger.h"

#include <stdatomic.h>

/* LAB-BEGIN 10: the compiler keeps the order of stores (1 line) */
/* The processor needs no fence: the one that reads comes after a death, and the kernel is
 * between. */
#define IN_ORDER() atomic_signal_fence(memory_order_seq_cst)
/* LAB-ELSE
LAB-END */

void ledger_transfer(struct ledger *g, int from, int to, long amount)
{
	/* LAB-BEGIN 11: what was, armed, the change, disarmed (about 12 lines) */
	g->undo.from = from;
	g->undo.to = to;
	g->undo.old_from = g->balance[from];
	g->undo.old_to = g->balance[to];
	IN_ORDER();
	g->undo.armed = 1;
	IN_ORDER();
	g->balance[from] -= amount;
	g->balance[to] += amount;
	IN_ORDER();
	g->undo.armed = 0;
	/* LAB-ELSE
	g->balance[from] -= amount;
	g->balance[to] += amount;
	LAB-END */
}

void ledger_repair(struct ledger *g)
{
	/* LAB-BEGIN 12: as it was; disarmed last (about 6 lines) */
	if (!g->undo.armed)
		return;
	g->balance[g->undo.from] = g->undo.old_from;
	g->balance[g->undo.to] = g->undo.old_to;
	IN_ORDER();
	g->undo.armed = 0;
	/* LAB-ELSE
	(void)g;
	LAB-END */
}
