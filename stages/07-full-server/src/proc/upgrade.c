#include "proc/upgrade.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proc/pidfile.h"
#include "proc/title.h"

static const char variable[] = "SERVER_SOCKETS"; /* "7;8;" */
static pid_t older;                              /* the master that started us; 0: none */

static size_t count_of(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += *text == ';';
	return count;
}

static size_t read_numbers(const char *at, int *fds)
{
	size_t count = 0;
	char *end;

	for (; *at != '\0'; at = end + 1) {
		long fd = strtol(at, &end, 10);

		if (end == at || *end != ';')
			break;
		if (fcntl((int)fd, F_SETFD, FD_CLOEXEC) == 0) /* not open: not ours */
			fds[count++] = (int)fd;
	}
	return count;
}

int *upgrade_inherited(size_t *count)
{
	const char *text = getenv(variable);
	int *fds = text != NULL ? calloc(count_of(text) + 1, sizeof(*fds)) : NULL;

	*count = fds != NULL ? read_numbers(text, fds) : 0;
	older = *count > 0 ? getppid() : 0;
	unsetenv(variable);
	return fds;
}

bool upgrade_is_on_trial(void)
{
	return older > 0 && getppid() == older;
}

/* In the child: its sockets survive the exec, its signals are as they were at our own start. */
static int hand_over(const struct cycle *c)
{
	size_t count, length = 0, room;
	int *fds = listening_sockets(c->listening, &count);
	char *text = fds != NULL ? malloc(room = count * sizeof("2147483647;") + 1) : NULL;
	sigset_t none;

	if (text == NULL)
		return -1;
	for (size_t i = 0; i < count; i++) {
		fcntl(fds[i], F_SETFD, 0);
		length += (size_t)snprintf(text + length, room - length, "%d;", fds[i]);
	}
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	return setenv(variable, text, 1);
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
		if (hand_over(c) == 0)
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
