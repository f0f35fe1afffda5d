/* A transfer, killed at each instant. */
#include "shared.h"

enum { AMOUNT = 7 };

static void setup(void)
{
	begin(LOCK_ATOMIC);
}

static void transfer(void)
{
	ledger_transfer(&s->ledger, 0, 1, AMOUNT);
}

static void transfer_to_itself(void)
{
	ledger_transfer(&s->ledger, 2, 2, AMOUNT);
}

static void repair(void)
{
	ledger_repair(&s->ledger);
}

static void expect_balances(const char *what, long first, long second)
{
	long rest = 0;

	for (int i = 2; i < ACCOUNTS; i++)
		rest += s->ledger.balance[i];
	if (s->ledger.balance[0] != first || s->ledger.balance[1] != second ||
	    rest != TOTAL - 2 * FIRST)
		scene_fail("%s: accounts 0 and 1 should hold %ld and %ld, but it is %ld and "
			   "%ld; the others "
			   "%ld of %d",
			   what, first, second, s->ledger.balance[0], s->ledger.balance[1],
			   rest, TOTAL - 2 * FIRST);
}

/* Either all of it has happened, or nothing. */
static char look(pid_t dead)
{
	(void)dead;
	step_run(repair);
	if (s->ledger.balance[0] == FIRST) {
		expect_balances(step_where(), FIRST, FIRST);
		return 'n';
	}
	expect_balances(step_where(), FIRST - AMOUNT, FIRST + AMOUNT);
	return 'y';
}

static char look_at_itself(pid_t dead)
{
	(void)dead;
	step_run(repair);
	expect_balances(step_where(), FIRST, FIRST);
	return 'n';
}

SCENE(undo)
{
	struct step_kill kill = {
	    .memory = NULL,
	    .size = sizeof(struct ledger),
	    .setup = setup,
	    .victim = transfer,
	    .after = look,
	};

	setup();
	step_run(repair);
	expect_balances("ledger_repair, and nothing is wrong", FIRST, FIRST);
	step_run(transfer);
	expect_balances("ledger_transfer", FIRST - AMOUNT, FIRST + AMOUNT);
	step_run(repair);
	expect_balances("ledger_repair after a complete transfer", FIRST - AMOUNT,
			FIRST + AMOUNT);
	kill.memory = &s->ledger;
	step_kill(&kill);
	kill.victim = transfer_to_itself;
	kill.after = look_at_itself;
	step_kill(&kill);
}
