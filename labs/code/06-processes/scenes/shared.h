/* What the scenes of lab 6 share: memory with a lock and a ledger, and processes that use them.
 */
#pragma once

#include "ledger.h"
#include "lock.h"
#include "own.h"
#include "scene.h"
#include "step.h"

#include <stdatomic.h>

enum { TOTAL = ACCOUNTS * FIRST };

struct shared {
	struct lock lock;
	struct ledger ledger;

	/* the scenes' own */
	_Atomic int inside, go, result, count;
	_Atomic long sum;
	long plain; /* added to by the owners of the lock */
	pid_t dead;
	bool was_owner;
};

extern struct shared *s;
extern const char *const kind_names[3];
extern int lock_file;

void begin(enum lock_kind kind); /* all new: free, the first balances */
const char *result_name(int result);

/* For children. */
void hold(void);          /* takes the lock, says it in inside, waits for go, gives it back */
void pass(void);          /* takes it, repairs if it must; result and sum; gives it back */
void tell_of_death(void); /* lock_owner_died(s->dead); was_owner */

void death(pid_t dead); /* of a child that was reaped */
pid_t holder(void);     /* a process that is inside */
void kill_and_reap(pid_t pid);
void until_asleep(pid_t pid); /* in a system call */
void must_pass(const char *who,
	       const char *when); /* pass in a child, in time, with the right sum */
