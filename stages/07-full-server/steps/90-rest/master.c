#include "master.h"

#include "http.h"
#include "log.h"
#include "proc/channel.h"
#include "server.h"
#include "title.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
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
	int channel; /* our end, see proc/channel.h */
	int delay;
	time_t due; /* without a process: when to start the next one */

	/* for one that was replaced: the worker in its place */
	struct worker *successor;
};

static struct worker workers[MOST_WORKERS], *workers_end = workers;

/* Those that were replaced. Each serves as before until its successor serves, and then the clients
 * that it has. */
static struct worker leaving[LEAVING_MAX];
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

/* fork has copied the master's ends to the new worker. As long as one copy is open, the worker at
 * the other end does not hear that the master is gone. */
static void close_channels(void)
{
	for (struct worker *w = workers; w < workers_end; w++)
		if (w->pid)
			close(w->channel);
	for (int i = 0; i < leaving_count; i++)
		close(leaving[i].channel);
}

/* Returns the new worker's end of its channel in the new worker, -1 in the master. */
static int start(struct worker *w)
{
	int ends[2];

	w->started = now();
	w->pid = channel_open(ends) == 0 ? fork() : -1;
	if (w->pid < 0) {
		log_line("no new worker: %s", strerror(errno));
		schedule(w);
		return -1;
	}
	if (w->pid > 0) {
		close(ends[1]);
		w->channel = ends[0];
		return -1;
	}
	close(ends[0]);
	close_channels();
	title_set("server: worker %d", (int)(w - workers));
	return ends[1];
}

/* Returns its end of the channel in a new worker, -1 in the master. */
static int start_due_workers(void)
{
	int channel = -1;

	for (struct worker *w = workers; w < workers_end && channel < 0; w++)
		if (!w->pid && w->due <= now())
			channel = start(w);
	return channel;
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
			if (w->pid == pid) {
				close(w->channel);
				schedule(w);
			}
		for (int i = 0; i < leaving_count; i++)
			if (leaving[i].pid == pid) {
				close(leaving[i].channel);
				leaving[i] = leaving[--leaving_count];
			}
	}
}

/* SIGIO: some worker has sent the only message that workers send. */
static void hear_workers(void)
{
	struct channel_message m;
	int fd;

	for (struct worker *w = workers; w < workers_end; w++) {
		if (!w->pid || channel_receive(w->channel, &m, &fd) != CHANNEL_MESSAGE)
			continue;
		for (int i = 0; i < leaving_count; i++)
			if (leaving[i].successor == w)
				kill(leaving[i].pid, SIGQUIT);
	}
}

/* The log may have got another name. Workers get the new file, and not its name. */
static void reopen_log(void)
{
	int fd = log_reopen();

	if (fd < 0)
		return;
	for (struct worker *w = workers; w < workers_end; w++)
		if (w->pid)
			channel_send(w->channel, CHANNEL_LOG, str_from(log_path), fd);
	for (int i = 0; i < leaving_count; i++)
		channel_send(leaving[i].channel, CHANNEL_LOG, str_from(log_path), fd);
	log_take(fd);
}

/*
 * The folder is opened again: its name may mean another one now. New workers serve it; an old
 * one leaves when the new one in its place has said that it serves.
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
			w->successor = w;
			leaving[leaving_count++] = *w;
		}
		*w = (struct worker){.pid = 0}; /* due now */
	}
}

static void tell_all(int signo)
{
	for (int i = 0; i < leaving_count; i++)
		kill(leaving[i].pid, signo);
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
 * The master has no signal handlers: all seven signals stay blocked, and sigtimedwait takes the
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
	sigaddset(&signals, SIGIO);
	sigaddset(&signals, SIGUSR1);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGCHLD, SIG_DFL); /* if it was ignored, it would never arrive */
	title_set("server: master");
	workers_end = workers + count;

	while (listener >= 0 || any_alive()) {
		int signo, channel = listener >= 0 ? start_due_workers() : -1;

		if (channel >= 0) {
			server_run(listener, channel);
			return;
		}
		signo = sigtimedwait(&signals, NULL, any_missing() ? &second : NULL);
		if (signo == SIGCHLD)
			reap();
		else if (signo == SIGIO)
			hear_workers();
		else if (signo == SIGUSR1)
			reopen_log();
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
