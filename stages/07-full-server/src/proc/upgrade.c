#include "proc/upgrade.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "proc/system/pidfile.h"
#include "proc/system/title.h"

static const char variable[] = "SERVER_SOCKETS"; /* "7;8;" */
/* the pid of the master that has started this master; 0 if there is none */
static pid_t older;

size_t upgrade_inherited(int *fds, size_t room)
{
	const char *at = getenv(variable);
	size_t count = 0;
	char *end;

	for (; at != NULL && *at != '\0' && count < room; at = end + 1) {
		long fd = strtol(at, &end, 10);

		if (end == at || *end != ';')
			break;
		/* if fcntl fails, the descriptor is not open, so it is not one of the sockets */
		if (fcntl((int)fd, F_SETFD, FD_CLOEXEC) == 0)
			fds[count++] = (int)fd;
	}
	older = count > 0 ? getppid() : 0;
	unsetenv(variable);
	return count;
}

bool upgrade_is_on_trial(void)
{
	return older > 0 && getppid() == older;
}

/* Prepares the child for the exec. The sockets stay open after the exec, and the signals are as
 * they were when this process was started. */
static void hand_over(const struct cycle *c)
{
	char text[8 * LISTENING_MOST] = "";
	size_t length = 0;
	int fds[LISTENING_MOST];
	sigset_t none;

	for (size_t i = 0, n = listening_sockets(c->listening, fds, COUNT_OF(fds)); i < n; i++) {
		fcntl(fds[i], F_SETFD, 0);
		length += (size_t)snprintf(text + length, sizeof(text) - length, "%d;", fds[i]);
	}
	setenv(variable, text, 1);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

pid_t upgrade_start(const struct cycle *c)
{
	char *const *arguments = title_arguments();
	pid_t pid;

	if (arguments == NULL || c->listening == NULL) {
		log_write(log_main, LOG_ALERT, "cannot upgrade: nothing to hand over");
		return -1;
	}
	if (pidfile_set_aside(c->settings->pid) < 0) {
		log_errno(log_main, LOG_ALERT, "rename(\"%s\")", c->settings->pid.data);
		return -1;
	}
	pid = fork();
	if (pid == 0) {
		hand_over(c);
		execvp(arguments[0], arguments);
		log_errno(log_main, LOG_ALERT, "execvp(\"%s\")", arguments[0]);
		_exit(1);
	}
	if (pid < 0) {
		log_errno(log_main, LOG_ALERT, "fork");
		pidfile_take_back(c->settings->pid);
	}
	return pid;
}
