/* ledger.c - a journal: new balances are written down first, then done. A repair does them
 * again. */
#include "ledger.h"

static void redo(struct ledger *g)
{
	int count = atomic_load(&g->undo.count);

	for (int i = 0; i < count; i++)
		g->balance[g->undo.account[i]] = g->undo.balance[i];
	atomic_store(&g->undo.count, 0);
}

void ledger_transfer(struct ledger *g, int from, int to, long amount)
{
	if (from == to)
		return;
	g->undo.account[0] = from;
	g->undo.account[1] = to;
	g->undo.balance[0] = g->balance[from] - amount;
	g->undo.balance[1] = g->balance[to] + amount;
	atomic_store(&g->undo.count, 2);
	redo(g);
}

void ledger_repair(struct ledger *g)
{
	redo(g);
}
