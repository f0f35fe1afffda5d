#include "master.h"

#include "channel.h"
#include "log.h"
#include "server.h"
#include "title.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LONGEST_DELAY = 32 }; /* seconds */

struct worker {
	pid_t pid;   /* 0: no process now */
	int channel; /* with a process: the master's end */
	time_t started;
	int delay;
	time_t due; /* without a process: when to start the next one */
};

static struct worker workers[MOST_WORKERS], *workers_end = workers;

/* A client that was accepted while all channels are full, or -1. */
static int in_hand = -1;

/* The last accept has failed, and not because the queue is empty: the next would fail as well.
 */
static bool paused;

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

/* Returns the worker's end of its channel in the new worker, -1 in the master. */
static int start(struct worker *w)
{
	pid_t master = getpid();
	int ends[2];

	w->started = now();
	if (!channel_open(ends)) {
		log_line("socketpair: %s", strerror(errno));
		schedule(w);
		return -1;
	}
	w->pid = fork();
	if (w->pid != 0)
		close(ends[1]);
	w->channel = ends[0];
	if (w->pid < 0) {
		log_line("fork: %s", strerror(errno));
		close(w->channel);
		schedule(w);
		return -1;
	}
	if (w->pid > 0)
		return -1;

	/* If the master is killed, no process is left to stop the workers. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != master)
		raise(SIGTERM);
	title_set("server: worker %d", (int)(w - workers));
	close(w->channel);
	return ends[1];
}

/* Returns the channel in a new worker, -1 in the master. */
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
	}
}

static void tell_all(int signo)
{
	for (struct worker *w = workers; w < workers_end; w++)
		if (w->pid)
			kill(w->pid, signo);
}

static bool any_alive(void)
{
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

/* The workers take turns. When a channel is full, the next worker gets the client. False: all
 * are full. */
static bool hand_over(int fd)
{
	static struct worker *next = workers;

	for (int tries = (int)(workers_end - workers); tries > 0; tries--) {
		struct worker *w = next++;

		if (next == workers_end)
			next = workers;
		if (w->pid && channel_send(w->channel, fd))
			return true;
	}
	return false;
}

/* Accepts a share of the queue, so that signals have their turn too. True: there may be more.
 */
static bool on_accept(int listener)
{
	for (int share = 64; share > 0; share--) {
		if (in_hand < 0)
			in_hand = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
		if (in_hand < 0 && errno == ECONNABORTED)
			continue;
		if (in_hand < 0 && errno != EAGAIN) {
			log_errno("accept", listener);
			paused = true;
		}
		if (in_hand < 0 || !hand_over(in_hand))
			return false;
		close(in_hand); /* the worker has a copy */
		in_hand = -1;
	}
	return true;
}

/* Waits for a signal, or for a client that some channel has room for. */
static void wait_for_work(int signals, int listener)
{
	struct pollfd fds[1 + MOST_WORKERS] = {{.fd = signals, .events = POLLIN}};
	bool clients = listener >= 0 && any_alive() && !paused;
	nfds_t n = 1;

	for (struct worker *w = workers; w < workers_end && in_hand >= 0; w++)
		if (w->pid)
			fds[n++] = (struct pollfd){.fd = w->channel, .events = POLLOUT};
	if (in_hand < 0 && clients)
		fds[n++] = (struct pollfd){.fd = listener, .events = POLLIN};
	poll(fds, n, any_missing() || paused ? 1000 : -1);
	paused = false;
}

/* With GRACEFUL, the clients in the queue still get a worker. */
static void stop_accepting(int listener, bool graceful)
{
	while (graceful && on_accept(listener))
		;
	if (in_hand >= 0)
		close(in_hand);
	in_hand = -1;
	close(listener);
}

/* Returns the next pending signal, or 0. */
static int next_signal(int signals)
{
	struct signalfd_siginfo info;

	return read(signals, &info, sizeof info) == sizeof info ? (int)info.ssi_signo : 0;
}

/* A new worker has inherited copies of all that the master has open. */
static void close_inherited(int listener, int signals)
{
	close(listener);
	close(signals);
	if (in_hand >= 0)
		close(in_hand);
	for (struct worker *w = workers; w < workers_end; w++)
		if (w->pid)
			close(w->channel);
}

/*
 * The master has no signal handlers: all four signals stay blocked, and a signalfd makes them
 * readable. So one poll waits for signals and for clients.
 */
void master_run(int listener, int count)
{
	sigset_t signals;
	int pending;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGQUIT);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGCHLD, SIG_DFL); /* if it was ignored, it would never arrive */
	pending = signalfd(-1, &signals, SFD_NONBLOCK);
	if (pending < 0)
		die("signalfd: %s", strerror(errno));
	title_set("server: master");
	workers_end = workers + count;

	while (listener >= 0 || any_alive()) {
		int channel = listener >= 0 ? start_due_workers() : -1, signo;

		if (channel >= 0) {
			close_inherited(listener, pending);
			server_run(channel);
			return;
		}
		wait_for_work(pending, listener);
		signo = next_signal(pending);
		if (signo == SIGCHLD)
			reap();
		else if (signo > 0) {
			if (listener >= 0)
				stop_accepting(listener, signo == SIGQUIT);
			tell_all(signo);
			listener = -1; /* and no worker is started any more */
		}
		if (listener >= 0)
			on_accept(listener);
	}
	close(pending);
}
