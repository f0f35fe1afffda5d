#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A line that equals the last one is not printed: a call that keeps failing must not fill the
 * disk. */
static void print(const char *format, va_list values)
{
	static char last[512];
	char line[sizeof last];

	vsnprintf(line, sizeof line, format, values);
	if (strcmp(line, last) == 0)
		return;
	strcpy(last, line);
	fprintf(stderr, "server: %s\n", line);
}

void log_line(const char *format, ...)
{
	va_list values;

	va_start(values, format);
	print(format, values);
	va_end(values);
}

void log_errno(const char *call, int fd)
{
	log_line("%s(fd=%d): %s (%d)", call, fd, strerror(errno), errno);
}

void die(const char *format, ...)
{
	va_list values;

	va_start(values, format);
	print(format, values);
	va_end(values);
	exit(1);
}

char log_path[PATH_MAX];

void log_init(void)
{
	struct stat s;

	if (fstat(STDERR_FILENO, &s) < 0 || !S_ISREG(s.st_mode) ||
	    readlink("/proc/self/fd/2", log_path, sizeof log_path - 1) < 0)
		log_path[0] = '\0';
}

int log_reopen(void)
{
	int fd = -1;

	if (log_path[0])
		fd = open(log_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
	if (log_path[0] && fd < 0)
		log_line("open %s: %s", log_path, strerror(errno));
	return fd;
}

void log_take(int fd)
{
	dup2(fd, STDERR_FILENO);
	close(fd);
}
