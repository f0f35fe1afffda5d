#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

int file_open(const char *path, struct stat *st)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0 && fstat(fd, st) < 0) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

int file_open_append(const char *path)
{
	return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
}

int file_set_direct(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags < 0 ? -1 : fcntl(fd, F_SETFL, flags | O_DIRECT);
}

/* With O_DIRECT, the offset, the size and the memory of a read must be multiples of ALIGNED. */
enum { ALIGNED = 4096, LOOK_MAX = 65536 };

/* Reads a part of the file into `room`, a buffer of LOOK_MAX bytes. The read begins at a
 * multiple of ALIGNED; *bytes becomes the part that was asked for. */
static int look(char *room, int fd, size_t n, off_t from, struct str *bytes)
{
	size_t skip = (size_t)(from % ALIGNED), size = skip + n;
	ssize_t got;

	size = size > LOOK_MAX ? LOOK_MAX : (size + ALIGNED - 1) / ALIGNED * ALIGNED;
	do
		got = pread(fd, room, size, from - (off_t)skip);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return -1;
	size = (size_t)got > skip ? (size_t)got - skip : 0;
	*bytes = (struct str){room + skip, size < n ? size : n};
	return 0;
}

int file_look_at(int fd, size_t n, off_t from, struct str *bytes)
{
	static _Alignas(ALIGNED) char room[LOOK_MAX];

	return look(room, fd, n, from, bytes);
}

/*
 * Reads an unaligned part of a file that is open with O_DIRECT. The buffer is on the stack, so
 * each thread has its own. With a shared buffer, a thread could send bytes that another thread
 * has read.
 */
static ssize_t read_unaligned(int fd, char *to, size_t n, off_t from)
{
	_Alignas(ALIGNED) char room[LOOK_MAX];
	struct str bytes;

	if (look(room, fd, n, from, &bytes) < 0)
		return -1;
	put_str(to, bytes);
	return (ssize_t)bytes.len;
}

ssize_t file_read_at(int fd, char *to, size_t n, off_t from)
{
	size_t done = 0;

	while (done < n) {
		ssize_t got = pread(fd, to + done, n - done, from + (off_t)done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EINVAL)
			got = read_unaligned(fd, to + done, n - done, from + (off_t)done);
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		done += (size_t)got;
	}
	return (ssize_t)done;
}

ssize_t file_read_cached(int fd, char *to, size_t n, off_t from)
{
	struct iovec piece = {to, n};
	ssize_t got = preadv2(fd, &piece, 1, from, RWF_NOWAIT);

	/* EOPNOTSUPP, ENOSYS: this file system cannot tell whether a read would wait, so we
	 * expect that it would. EINVAL: the file is open with O_DIRECT, and the memory is not
	 * aligned. Its bytes are not in the page cache, so a read would wait here too. */
	if (got < 0 &&
	    (errno == EOPNOTSUPP || errno == ENOSYS || errno == EINTR || errno == EINVAL))
		errno = EAGAIN;
	return got;
}

int file_write_all(int fd, const char *from, size_t n, off_t at)
{
	while (n > 0) {
		ssize_t done = pwrite(fd, from, n, at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		from += done;
		n -= (size_t)done;
		at += done;
	}
	return 0;
}

static bool same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

bool file_same_version(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
	       same_time(a->st_mtim, b->st_mtim) && same_time(a->st_ctim, b->st_ctim);
}

static bool is_still(int fd, const struct stat *before)
{
	struct stat after;

	return fstat(fd, &after) == 0 && file_same_version(before, &after);
}

bool file_read_steady(int fd, char *to, const struct stat *before)
{
	return file_read_at(fd, to, (size_t)before->st_size, 0) == before->st_size &&
	       is_still(fd, before);
}

bool file_read_steady_cached(int fd, char *to, const struct stat *before)
{
	return file_read_cached(fd, to, (size_t)before->st_size, 0) == before->st_size &&
	       is_still(fd, before);
}
