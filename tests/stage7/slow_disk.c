/*
 * slow_disk: a stand-in for a disk that takes its time. To be preloaded.
 *
 *     LD_PRELOAD=slow_disk.so SLOW_FILE=... SLOW_UNTIL=... SLOW_FAST=... SLOW_LOG=... server
 *
 * Of the file SLOW_FILE nothing is in memory: preadv2(RWF_NOWAIT) says EAGAIN,
 * until there is a file SLOW_FAST. A process that reads it otherwise (pread, preadv2,
 * sendfile) waits until there is a file SLOW_UNTIL: so long does the disk take. Each
 * of these calls leaves a line in SLOW_LOG before it waits. Other files are as they are.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static bool is_slow(int fd)
{
	const char *path = getenv("SLOW_FILE");
	struct stat slow, this;

	return path != NULL && stat(path, &slow) == 0 && fstat(fd, &this) == 0 &&
	       slow.st_ino == this.st_ino && slow.st_dev == this.st_dev;
}

static bool is_there(const char *name)
{
	return access(getenv(name), F_OK) == 0;
}

static void note(const char *line)
{
	int fd = open(getenv("SLOW_LOG"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);

	(void)!write(fd, line, strlen(line));
	close(fd);
}

static void disk(int fd, const char *call)
{
	const struct timespec moment = {0, 10000000};

	if (!is_slow(fd))
		return;
	note(call);
	while (!is_there("SLOW_UNTIL"))
		nanosleep(&moment, NULL);
}

ssize_t pread(int fd, void *to, size_t n, off_t from)
{
	disk(fd, "pread\n");
	return syscall(SYS_pread64, fd, to, n, from);
}

ssize_t pread64(int fd, void *to, size_t n, off_t from) __attribute__((alias("pread")));

ssize_t preadv2(int fd, const struct iovec *pieces, int count, off_t from, int flags)
{
	if (flags & RWF_NOWAIT && is_slow(fd) && !is_there("SLOW_FAST")) {
		errno = EAGAIN;
		return -1;
	}
	if (flags & RWF_NOWAIT && is_slow(fd))
		note("preadv2 from memory\n");
	else
		disk(fd, "preadv2\n");
	return syscall(SYS_preadv2, fd, pieces, count, from, 0L, flags);
}

ssize_t preadv64v2(int fd, const struct iovec *pieces, int count, off_t from, int flags)
    __attribute__((alias("preadv2")));

ssize_t sendfile(int to, int fd, off_t *from, size_t n)
{
	disk(fd, "sendfile\n");
	return syscall(SYS_sendfile, to, fd, from, n);
}

ssize_t sendfile64(int to, int fd, off_t *from, size_t n) __attribute__((alias("sendfile")));
