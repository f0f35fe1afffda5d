/* ledger.c - yours: transfers that can be taken back. */
#include "ledger.h"

#include <stdatomic.h>

/* The compiler does not move a store across this. */
#define ORDER() atomic_signal_fence(memory_order_seq_cst)

void ledger_transfer(struct ledger *g, int from, int to, long amount)
{
	struct undo *u = &g->undo;

	u->from = from;
	u->to = to;
	u->was_from = g->balance[from];
	u->was_to = g->balance[to];
	ORDER();
	u->armed = 1;
	ORDER();
	g->balance[from] -= amount;
	g->balance[to] += amount;
	ORDER();
	u->armed = 0;
}

void ledger_repair(struct ledger *g)
{
	struct undo *u = &g->undo;

	if (!u->armed)
		return;
	g->balance[u->from] = u->was_from;
	g->balance[u->to] = u->was_to;
	ORDER();
	u->armed = 0;
}
