/* deaths.c - yours: what the master does when children have died. */
#include "master.h"

#include <sys/wait.h>

void children_died(struct lock *l)
{
	pid_t dead;

	while ((dead = waitpid(-1, NULL, WNOHANG)) > 0) {
		lock_owner_died(l, dead);
		child_gone(dead);
	}
}
