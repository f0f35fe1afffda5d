/*
 * fault: a library to preload, for what a test cannot have the system do.
 *
 *   FAULT_FORK=PATH    while there is a file PATH, fork fails as on a machine that is full
 *   FAULT_CLOCK=PATH   the wall clock goes wrong by as many seconds as the file PATH says
 *   FAULT_ORPHAN=1     the kernel tells no process that its parent has ended
 *   FAULT_DISK=PATH    while there is a file PATH, the disk has no room for what pwrite writes
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

static void *next(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

pid_t fork(void)
{
	pid_t (*real)(void) = next("fork");
	const char *path = getenv("FAULT_FORK");

	if (path == NULL || access(path, F_OK) != 0)
		return real();
	errno = EAGAIN;
	return -1;
}

int clock_gettime(clockid_t id, struct timespec *t)
{
	int (*real)(clockid_t, struct timespec *) = next("clock_gettime");
	const char *path = getenv("FAULT_CLOCK");
	FILE *file = id == CLOCK_REALTIME && path != NULL ? fopen(path, "r") : NULL;
	long wrong = 0;

	if (file != NULL) {
		if (fscanf(file, "%ld", &wrong) != 1)
			wrong = 0;
		fclose(file);
	}
	if (real(id, t) < 0)
		return -1;
	t->tv_sec += wrong;
	return 0;
}

int prctl(int option, ...)
{
	int (*real)(int, ...) = next("prctl");
	unsigned long arguments[4];
	va_list list;

	va_start(list, option);
	for (int i = 0; i < 4; i++)
		arguments[i] = va_arg(list, unsigned long);
	va_end(list);
	if (option == PR_SET_PDEATHSIG && getenv("FAULT_ORPHAN") != NULL)
		return 0;
	return real(option, arguments[0], arguments[1], arguments[2], arguments[3]);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at)
{
	ssize_t (*real)(int, const void *, size_t, off_t) = next("pwrite");
	const char *path = getenv("FAULT_DISK");

	if (path == NULL || access(path, F_OK) != 0)
		return real(fd, bytes, size, at);
	errno = ENOSPC;
	return -1;
}
