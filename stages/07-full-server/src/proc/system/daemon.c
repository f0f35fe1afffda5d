#include "proc/system/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static int starter = -1; /* the pipe to the process that waits until this process serves */

/* Waits in the process that was started from the terminal. One byte in the pipe means that the
 * server serves. The end of the pipe means that the server has ended; it has already written
 * the reason to the terminal. */
static void wait_for_success(int news, pid_t child)
{
	char byte;
	int status;
	ssize_t got;

	do
		got = read(news, &byte, 1);
	while (got < 0 && errno == EINTR);
	if (got == 1)
		_exit(0);
	if (waitpid(child, &status, 0) == child && WIFEXITED(status))
		_exit(WEXITSTATUS(status));
	_exit(1);
}

int daemon_begin(void)
{
	int ends[2];
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	child = fork();
	if (child > 0) {
		close(ends[1]);
		wait_for_success(ends[0], child);
	}
	close(ends[0]);
	starter = ends[1];
	return child == 0 && setsid() >= 0 ? 0 : -1;
}

void daemon_done(void)
{
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = STDIN_FILENO; nothing >= 0 && fd <= STDERR_FILENO; fd++)
		dup2(nothing, fd);
	if (nothing > STDERR_FILENO)
		close(nothing);
	(void)!write(starter, "", 1);
	close(starter);
}
