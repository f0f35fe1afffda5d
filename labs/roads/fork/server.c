/*
 * A process for each client. The master accepts. A child of its own serves the client with
 * calls that may all wait, as stage 1 does, and then exits. While one child waits, the others
 * run.
 */
#include "server.h"

#include "conn.h"
#include "log.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* In a new child the client's descriptor; in the master always -1. */
static int on_accept(int listener)
{
	int fd = accept(listener, NULL, NULL);
	pid_t master = getpid(), child;

	if (fd < 0) {
		if (errno != EINTR && errno != ECONNABORTED)
			log_errno("accept", listener);
		return -1;
	}
	child = fork();
	if (child == 0) {
		/* When the master ends, however it ends, its children end too. */
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (getppid() != master)
			raise(SIGTERM);
		return fd;
	}
	if (child < 0)
		log_errno("fork", fd);
	close(fd); /* the child has a copy, and the connection ends with the last one */
	return -1;
}

static void serve(int fd)
{
	struct conn *c = conn_open(fd);

	while (c && c->want != WANT_CLOSE && !stopping)
		conn_step(c);
	if (c)
		conn_close(c);
}

/* Nothing to do here: the signal ends the master's accept, and then the master calls reap. */
static void on_child(int signo)
{
	(void)signo;
}

/* One SIGCHLD may stand for many children. A child that is not waited for stays as a zombie. */
static void reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (WIFSIGNALED(status))
			log_line("process %d has died: %s", pid, strsignal(WTERMSIG(status)));
}

void server_run(int listener)
{
	struct sigaction child = {.sa_handler = on_child}; /* no SA_RESTART: accept shall end */
	int client = -1;

	sigaction(SIGCHLD, &child, NULL);
	while (!stopping && client < 0) {
		client = on_accept(listener);
		reap();
	}
	close(listener);
	if (client >= 0)
		serve(client);
}
