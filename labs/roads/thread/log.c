#include "log.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A line that equals the last one is not printed: a call that keeps failing must not fill the
 * disk. */
static void print(const char *format, va_list values)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static char last[512];
	char line[sizeof last];

	vsnprintf(line, sizeof line, format, values);
	pthread_mutex_lock(&lock);
	if (strcmp(line, last) != 0) {
		strcpy(last, line);
		fprintf(stderr, "server: %s\n", line);
	}
	pthread_mutex_unlock(&lock);
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
