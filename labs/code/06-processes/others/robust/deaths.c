#include "master.h"

#include <sys/wait.h>

void children_died(struct lock *l)
{
	for (;;) {
		int status;
		pid_t pid = waitpid(-1, &status, WNOHANG);

		if (pid <= 0)
			return;
		lock_owner_died(l, pid);
		child_gone(pid);
	}
}
