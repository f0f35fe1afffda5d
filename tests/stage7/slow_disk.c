/*
 * slow_disk: a stand-in for a disk that takes its time. To be preloaded.
 *
 *     LD_PRELOAD=slow_disk.so SLOW_FILE=/path SLOW_UNTIL=/other server ...
 *
 * Of the file SLOW_FILE nothing is in memory: preadv2(RWF_NOWAIT) says EAGAIN.
 * Whoever reads from it otherwise (pread, preadv2, sendfile) waits until there is a file
 * SLOW_UNTIL: that is how long its disk takes. Other files are as they are.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
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

static void wait_for_disk(int fd)
{
	const struct timespec moment = {0, 10000000};

	while (is_slow(fd) && access(getenv("SLOW_UNTIL"), F_OK) < 0)
		nanosleep(&moment, NULL);
}

ssize_t pread(int fd, void *to, size_t n, off_t from)
{
	wait_for_disk(fd);
	return syscall(SYS_pread64, fd, to, n, from);
}

ssize_t pread64(int fd, void *to, size_t n, off_t from) __attribute__((alias("pread")));

ssize_t preadv2(int fd, const struct iovec *pieces, int count, off_t from, int flags)
{
	if (flags & RWF_NOWAIT && is_slow(fd)) {
		errno = EAGAIN;
		return -1;
	}
	wait_for_disk(fd);
	return syscall(SYS_preadv2, fd, pieces, count, from, 0L, flags);
}

ssize_t preadv64v2(int fd, const struct iovec *pieces, int count, off_t from, int flags)
    __attribute__((alias("preadv2")));

ssize_t sendfile(int to, int fd, off_t *from, size_t n)
{
	wait_for_disk(fd);
	return syscall(SYS_sendfile, to, fd, from, n);
}

ssize_t sendfile64(int to, int fd, off_t *from, size_t n) __attribute__((alias("sendfile")));
