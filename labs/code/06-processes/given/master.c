#include "master.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t workers[WORKERS]; /* 0: none */

void child_gone(pid_t pid)
{
	for (int i = 0; i < WORKERS; i++)
		if (workers[i] == pid)
			workers[i] = 0;
}

static void start(pid_t *worker, void (*work)(void), const sigset_t *signals)
{
	pid_t master = getpid();

	*worker = fork();
	if (*worker < 0) {
		perror("fork");
		exit(1);
	}
	if (*worker > 0)
		return;
	prctl(PR_SET_PDEATHSIG, SIGTERM); /* when the master is killed, the workers end too */
	sigprocmask(SIG_UNBLOCK, signals, NULL);
	if (getppid() == master)
		work();
	_exit(1);
}

static void end_all(void)
{
	for (int i = 0; i < WORKERS; i++)
		if (workers[i])
			kill(workers[i], SIGTERM);
	while (wait(NULL) > 0)
		continue;
}

/* The signals stay blocked: sigwaitinfo takes the next one when the loop is ready for it. */
void master_run(struct lock *l, void (*work)(void))
{
	sigset_t signals;
	int signo;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	do {
		for (int i = 0; i < WORKERS; i++)
			if (!workers[i])
				start(&workers[i], work, &signals);
		signo = sigwaitinfo(&signals, NULL);
		if (signo == SIGCHLD)
			children_died(l);
	} while (signo != SIGTERM && signo != SIGINT);
	end_all();
}
