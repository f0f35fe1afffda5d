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
	pid_t pid;   /* 0: none now */
	int channel; /* with a pid: our end of it */
	time_t born;
	int delay;
	time_t due; /* without a pid: when the next is to be born */
};

static struct worker workers[MOST_WORKERS], *workers_end = workers;

/* A client that is accepted while all channels are full, or -1. */
static int in_hand = -1;

/* The last accept has failed: not for a lack of clients, so the next would fail too. */
static bool paused;

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

/* In the new worker its end of the channel; in the master always -1. */
static int start(struct worker *w)
{
	pid_t master = getpid();
	int ends[2];

	w->born = now();
	if (!channel_open(ends)) {
		log_line("socketpair: %s", strerror(errno));
		schedule(w);
		return -1;
	}
	w->pid = fork();
	if (w->pid != 0) {
		close(ends[1]); /* or we would never see that the worker has closed it */
		w->channel = ends[0];
		if (w->pid > 0)
			return -1;
		log_line("fork: %s", strerror(errno));
		close(w->channel);
		schedule(w);
		return -1;
	}

	/* Should the master be killed, nobody would be left to stop us. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != master)
		raise(SIGTERM);
	title_set("server: worker %d", (int)(w - workers));
	close(ends[0]);
	return ends[1];
}

static int start_those_due(void)
{
	int channel = -1;

	for (struct worker *w = workers; w < workers_end && channel < 0; w++)
		if (!w->pid && w->due <= now())
			channel = start(w);
	return channel;
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

/* Is there a slot with a living worker? With LIVING false: is there one without? */
static bool any(bool living)
{
	for (struct worker *w = workers; w < workers_end; w++)
		if (living == (w->pid != 0))
			return true;
	return false;
}

/* To the next worker in turn, or, when its channel is full, to one after it. */
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

/* Some of those in line, so that signals get their turn too. True: there may be more. */
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

/* Until there is a signal, or a client for whom a worker has room. */
static void wait_for_work(int signals, int listener)
{
	struct pollfd fds[1 + MOST_WORKERS] = {{.fd = signals, .events = POLLIN}};
	bool clients = listener >= 0 && any(true) && !paused;
	nfds_t n = 1;

	for (struct worker *w = workers; w < workers_end && in_hand >= 0; w++)
		if (w->pid)
			fds[n++] = (struct pollfd){.fd = w->channel, .events = POLLOUT};
	if (in_hand < 0 && clients)
		fds[n++] = (struct pollfd){.fd = listener, .events = POLLIN};
	poll(fds, n, any(false) || paused ? 1000 : -1);
	paused = false;
}

/* GRACEFUL: those in line still get a worker. */
static void stop_accepting(int listener, bool graceful)
{
	while (graceful && on_accept(listener))
		;
	if (in_hand >= 0)
		close(in_hand);
	in_hand = -1;
	close(listener);
}

/* The next signal that has come, or 0. */
static int next_signal(int signals)
{
	struct signalfd_siginfo info;

	return read(signals, &info, sizeof info) == sizeof info ? (int)info.ssi_signo : 0;
}

/* What a new worker has inherited from the master, and must not keep. */
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
 * No handler here, and so nothing that a signal could interrupt: all of them stay blocked, and
 * a descriptor tells of them. So one poll waits for signals and for clients. The timeout is for
 * those whose birth has been put off.
 */
void master_run(int listener, int count)
{
	sigset_t signals;
	int signal_fd;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGQUIT);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGCHLD, SIG_DFL); /* ignored by whoever started us, it would never come */
	signal_fd = signalfd(-1, &signals, SFD_NONBLOCK);
	if (signal_fd < 0)
		die("signalfd: %s", strerror(errno));
	title_set("server: master");
	workers_end = workers + count;

	while (listener >= 0 || any(true)) {
		int channel = listener >= 0 ? start_those_due() : -1, signo;

		if (channel >= 0) {
			close_inherited(listener, signal_fd);
			server_run(channel);
			return;
		}
		wait_for_work(signal_fd, listener);
		signo = next_signal(signal_fd);
		if (signo == SIGCHLD) {
			reap();
		} else if (signo > 0) {
			if (listener >= 0)
				stop_accepting(listener, signo == SIGQUIT);
			listener = -1; /* and from now on nobody is born */
			tell_all(signo);
		}
		if (listener >= 0)
			on_accept(listener);
	}
	close(signal_fd);
}
