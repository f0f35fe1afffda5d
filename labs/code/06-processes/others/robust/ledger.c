/* ledger.c - the first balances are kept; the order is kept by volatile stores. */
#include "ledger.h"

static void store(long *at, long value)
{
	*(volatile long *)at = value;
}

void ledger_transfer(struct ledger *g, int from, int to, long amount)
{
	store(&g->undo.from, from);
	store(&g->undo.to, to);
	store(&g->undo.first_from, g->balance[from]);
	store(&g->undo.first_to, g->balance[to]);
	store(&g->undo.amount, 1);
	store(&g->balance[from], g->balance[from] - amount);
	store(&g->balance[to], g->balance[to] + amount);
	store(&g->undo.amount, 0);
}

void ledger_repair(struct ledger *g)
{
	if (g->undo.amount == 0)
		return;
	store(&g->balance[g->undo.from], g->undo.first_from);
	store(&g->balance[g->undo.to], g->undo.first_to);
	store(&g->undo.amount, 0);
}
