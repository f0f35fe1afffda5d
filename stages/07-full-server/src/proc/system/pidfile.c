#include "proc/system/pidfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

/* the descriptor of the pid file; it stays open as long as the lock is needed, because closing
 * any descriptor of the file releases the lock */
static int held = -1;

static struct flock lock_of(int pid)
{
	return (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = pid, .l_len = 1};
}

static int write_number(int fd)
{
	struct flock lock = lock_of(getpid());

	if (dprintf(fd, "%d\n", (int)getpid()) < 0)
		return -1;
	return fcntl(fd, F_SETLK, &lock);
}

int pidfile_write(struct str path)
{
	int fd = open(path.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	int error;

	if (fd < 0)
		return -1;
	if (write_number(fd) == 0) {
		pidfile_drop();
		held = fd;
		return 0;
	}
	/* for example, the disk is full; remove the empty pid file, because it would mislead
	 * `server -s` */
	error = errno;
	close(fd);
	unlink(path.data);
	errno = error;
	return -1;
}

void pidfile_drop(void)
{
	if (held >= 0)
		close(held);
	held = -1;
}

int pidfile_read(const char *path)
{
	char text[32];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd >= 0 ? read(fd, text, sizeof(text)) : -1;
	int64_t number;

	if (fd >= 0)
		close(fd);
	if (len > 0 && text[len - 1] == '\n')
		len--;
	number = len > 0 ? str_to_number((struct str){text, (size_t)len}) : 0;
	return number > 0 && number <= INT_MAX ? (int)number : 0;
}

bool pidfile_is_held(const char *path, int pid)
{
	struct flock lock = lock_of(pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool found = fd >= 0 && fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;

	if (fd >= 0)
		close(fd);
	return found && lock.l_pid == pid;
}

static const char *aside(struct str path)
{
	static char name[PATH_MAX];

	snprintf(name, sizeof(name), "%s.oldbin", path.data);
	return name;
}

/* Removes the pid file of this process, which may have the name .oldbin. A file of another
 * process is not removed. */
void pidfile_remove(struct str path)
{
	if (pidfile_read(path.data) == getpid())
		unlink(path.data);
	else if (pidfile_read(aside(path)) == getpid())
		unlink(aside(path));
}

int pidfile_set_aside(struct str path)
{
	return rename(path.data, aside(path));
}

int pidfile_take_back(struct str path)
{
	return rename(aside(path), path.data);
}
