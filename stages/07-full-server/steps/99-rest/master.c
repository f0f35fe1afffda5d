#include "master.h"

#include "http.h"
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

enum {
	LONGEST_DELAY = 32, /* seconds */
	LEAVING_MAX = 8 * MOST_WORKERS,
};

struct worker {
	pid_t pid; /* 0: no process now */
	time_t started;
	int delay;
	time_t due; /* without a process: when to start the next one */
};

static struct worker workers[MOST_WORKERS], *workers_end = workers;

/* Those that were replaced, and still serve the clients that they have. */
static pid_t leaving[LEAVING_MAX];
static int leaving_count;

static time_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

/* If each new worker crashed at once, we would fork as fast as we can, for ever. */
static void schedule(struct worker *w)
{
	if (now() - w->started > 1)
		w->delay = 0;
	else if (w->delay < LONGEST_DELAY)
		w->delay = w->delay ? 2 * w->delay : 1;
	w->due = now() + w->delay;
	w->pid = 0;
}

/* Returns true in the new worker, false in the master. */
static bool start(struct worker *w)
{
	pid_t master = getpid();

	w->started = now();
	w->pid = fork();
	if (w->pid < 0) {
		log_line("fork: %s", strerror(errno));
		schedule(w);
		return false;
	}
	if (w->pid > 0)
		return false;

	/* If the master is killed, no process is left to stop the workers. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != master)
		raise(SIGTERM);
	title_set("server: worker %d", (int)(w - workers));
	return true;
}

/* Returns true in a new worker. */
static bool start_due_workers(void)
{
	for (struct worker *w = workers; w < workers_end; w++)
		if (!w->pid && w->due <= now() && start(w))
			return true;
	return false;
}

/* One SIGCHLD may stand for several children that have ended. */
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
		for (int i = 0; i < leaving_count; i++)
			if (leaving[i] == pid)
				leaving[i] = leaving[--leaving_count];
	}
}

/*
 * The folder is opened again: its name may mean another one now. New workers serve it; the old
 * ones finish what they have begun. In between, clients wait in the queue of the listening
 * socket, which stays open here.
 */
static void reload(void)
{
	if (leaving_count + (workers_end - workers) > LEAVING_MAX) {
		log_line("no reload: %d workers of earlier ones are still leaving", leaving_count);
		return;
	}
	if (http_reopen_root() < 0) {
		log_line("no reload: the folder cannot be opened: %s", strerror(errno));
		return;
	}
	for (struct worker *w = workers; w < workers_end; w++) {
		if (w->pid) {
			kill(w->pid, SIGQUIT);
			leaving[leaving_count++] = w->pid;
		}
		*w = (struct worker){.pid = 0}; /* due now */
	}
}

static void tell_all(int signo)
{
	for (int i = 0; i < leaving_count; i++)
		kill(leaving[i], signo);
	for (struct worker *w = workers; w < workers_end; w++)
		if (w->pid)
			kill(w->pid, signo);
}

static bool any_alive(void)
{
	if (leaving_count > 0)
		return true;
	for (struct worker *w = workers; w < workers_end; w++)
		if (w->pid)
			return true;
	return false;
}

/* Does a slot wait for a new worker? */
static bool any_missing(void)
{
	for (struct worker *w = workers; w < workers_end; w++)
		if (!w->pid)
			return true;
	return false;
}

/*
 * The master has no signal handlers: all five signals stay blocked, and sigtimedwait takes the
 * next one when the loop is ready for it. The timeout is for workers whose start was delayed.
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
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGCHLD, SIG_DFL); /* if it was ignored, it would never arrive */
	title_set("server: master");
	workers_end = workers + count;

	while (listener >= 0 || any_alive()) {
		int signo;

		if (listener >= 0 && start_due_workers()) {
			server_run(listener);
			return;
		}
		signo = sigtimedwait(&signals, NULL, any_missing() ? &second : NULL);
		if (signo == SIGCHLD)
			reap();
		else if (signo == SIGHUP) {
			if (listener >= 0)
				reload();
		} else if (signo > 0) {
			tell_all(signo);
			if (listener >= 0)
				close(listener); /* the port is free when all have closed it */
			listener = -1;           /* and no worker is started any more */
		}
	}
}
