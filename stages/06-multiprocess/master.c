#include "master.h"

#include "log.h"
#include "server.h"
#include "title.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LONGEST_DELAY = 32 }; /* seconds */

struct worker {
	pid_t pid; /* 0: none now */
	time_t born;
	int delay;
	time_t due; /* without a pid: when the next is to be born */
};

static struct worker workers[MOST_WORKERS], *workers_end = workers;

static time_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

/* One that dies as soon as it is born would have us fork as fast as we can, for ever. */
static void schedule(struct worker *w)
{
	if (now() - w->born > 1)
		w->delay = 0;
	else if (w->delay < LONGEST_DELAY)
		w->delay = w->delay ? 2 * w->delay : 1;
	w->due = now() + w->delay;
	w->pid = 0;
}

/* True in the new worker. */
static bool start(struct worker *w)
{
	pid_t master = getpid();

	w->born = now();
	w->pid = fork();
	if (w->pid < 0) {
		log_line("fork: %s", strerror(errno));
		schedule(w);
		return false;
	}
	if (w->pid > 0)
		return false;

	/* Should the master be killed, nobody would be left to stop us. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != master)
		raise(SIGTERM);
	title_set("server: worker %d", (int)(w - workers));
	return true;
}

static bool start_those_due(void)
{
	for (struct worker *w = workers; w < workers_end; w++)
		if (!w->pid && w->due <= now() && start(w))
			return true;
	return false;
}

/* One SIGCHLD may stand for many deaths. */
static void reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (WIFSIGNALED(status))
			log_line("worker process %d has died: %s", pid,
				 strsignal(WTERMSIG(status)));
		for (struct worker *w = workers; w < workers_end; w++)
			if (w->pid == pid)
				schedule(w);
	}
}

static void tell_all(int signo)
{
	for (struct worker *w = workers; w < workers_end; w++)
		if (w->pid)
			kill(w->pid, signo);
}

/* Is there a slot with a living worker? With LIVING false: is there one without? */
static bool any(bool living)
{
	for (struct worker *w = workers; w < workers_end; w++)
		if (living == (w->pid != 0))
			return true;
	return false;
}

/*
 * No handler here, and so nothing that a signal could interrupt: all of them stay blocked, and
 * we ask for the next one when we have time for it. The timeout is for those whose birth has
 * been put off.
 */
void master_run(int listener, int count)
{
	static const struct timespec second = {.tv_sec = 1};
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGQUIT);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGCHLD, SIG_DFL); /* ignored by whoever started us, it would never come */
	title_set("server: master");
	workers_end = workers + count;

	while (listener >= 0 || any(true)) {
		int signo;

		if (listener >= 0 && start_those_due()) {
			server_run(listener);
			return;
		}
		signo = sigtimedwait(&signals, NULL, any(false) ? &second : NULL);
		if (signo == SIGCHLD)
			reap();
		else if (signo > 0) {
			tell_all(signo);
			if (listener >= 0)
				close(listener); /* the last of us who does frees the port */
			listener = -1;           /* and from now on nobody is born */
		}
	}
}
