/*
 * faults.so - one call of a program fails, or is cut short, or meets a signal.
 *
 *   LD_PRELOAD=faults.so FAULT="CALL K WHAT" program ...
 *
 * CALL is one of those below; K counts its calls from 1 on, in each process, and from the
 * moment that the program waits for clients (epoll_create1: that it listens). WHAT is an error
 * (EMFILE), "short" (one byte is read or written), or a signal (TERM) that arrives just before
 * the call. When it has happened, the file named in FAULT_MARK exists, and it does not happen
 * again. "epoll_ctl" stands for EPOLL_CTL_ADD alone, and "wait" for io_uring_enter too.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum what { PASS, FAIL, SHORT };

static const struct {
	const char *name;
	int error, signo;
} effects[] = {
    {"EMFILE", EMFILE, 0}, {"ENFILE", ENFILE, 0},         {"ENOMEM", ENOMEM, 0},
    {"ENOSPC", ENOSPC, 0}, {"EINTR", EINTR, 0},           {"EIO", EIO, 0},
    {"EPIPE", EPIPE, 0},   {"ECONNRESET", ECONNRESET, 0}, {"ECONNABORTED", ECONNABORTED, 0},
    {"EAGAIN", EAGAIN, 0}, {"EACCES", EACCES, 0},         {"TERM", 0, SIGTERM},
    {"QUIT", 0, SIGQUIT},
};

/* Copies: a program may overwrite its environment. */
static char call[32], what[32], mark[4096];
static int countdown;
static bool listening, waiting;

__attribute__((constructor)) static void read_wish(void)
{
	const char *wish = getenv("FAULT"), *file = getenv("FAULT_MARK");

	if (file)
		snprintf(mark, sizeof mark, "%s", file);
	if (!wish || sscanf(wish, "%31s %d %31s", call, &countdown, what) != 3)
		call[0] = '\0';
}

/* What shall become of this call of NAME? On FAIL errno is set. */
static enum what fate(const char *name)
{
	bool early = strcmp(name, "epoll_create1") == 0;

	if (strcmp(name, call) != 0 || !(early ? listening : waiting) || --countdown != 0)
		return PASS;
	/* in a copy of the process that has been forked it would be the first time again */
	if (mark[0] && access(mark, F_OK) == 0)
		return PASS;
	if (mark[0])
		close(creat(mark, 0600));
	for (size_t i = 0; i < sizeof effects / sizeof *effects; i++) {
		if (strcmp(effects[i].name, what) != 0)
			continue;
		if (effects[i].signo) {
			raise(effects[i].signo);
			return PASS;
		}
		errno = effects[i].error;
		return FAIL;
	}
	return SHORT;
}

/* The C library's own function of the name of the one we are in. */
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int listen(int fd, int backlog)
{
	int result = REAL(listen)(fd, backlog);

	listening = true;
	return result;
}

/* dlsym allocates, so that these can't ask it. */
extern void *__libc_malloc(size_t size);
extern void *__libc_realloc(void *old, size_t size);

void *malloc(size_t size)
{
	return fate("malloc") == FAIL ? NULL : __libc_malloc(size);
}

void *realloc(void *old, size_t size)
{
	return fate("realloc") == FAIL ? NULL : __libc_realloc(old, size);
}

ssize_t read(int fd, void *to, size_t size)
{
	enum what f = fate("read");

	return f == FAIL ? -1 : REAL(read)(fd, to, f == SHORT ? 1 : size);
}

ssize_t send(int fd, const void *from, size_t size, int flags)
{
	enum what f = fate("send");

	return f == FAIL ? -1 : REAL(send)(fd, from, f == SHORT ? 1 : size, flags);
}

ssize_t sendfile(int to, int from, off_t *offset, size_t size)
{
	enum what f = fate("sendfile");

	return f == FAIL ? -1 : REAL(sendfile)(to, from, offset, f == SHORT ? 1 : size);
}

int accept(int fd, struct sockaddr *address, socklen_t *size)
{
	waiting = true;
	return fate("accept") == FAIL ? -1 : REAL(accept)(fd, address, size);
}

int accept4(int fd, struct sockaddr *address, socklen_t *size, int flags)
{
	return fate("accept") == FAIL ? -1 : REAL(accept4)(fd, address, size, flags);
}

int openat(int folder, const char *path, int flags, ...)
{
	return fate("openat") == FAIL ? -1 : REAL(openat)(folder, path, flags);
}

int fstat(int fd, struct stat *st)
{
	return fate("fstat") == FAIL ? -1 : REAL(fstat)(fd, st);
}

ssize_t readlink(const char *path, char *to, size_t size)
{
	return fate("readlink") == FAIL ? -1 : REAL(readlink)(path, to, size);
}

int epoll_create1(int flags)
{
	return fate("epoll_create1") == FAIL ? -1 : REAL(epoll_create1)(flags);
}

int epoll_ctl(int poller, int operation, int fd, struct epoll_event *event)
{
	if (operation == EPOLL_CTL_ADD && fate("epoll_ctl") == FAIL)
		return -1;
	return REAL(epoll_ctl)(poller, operation, fd, event);
}

/* The calls that wait for many: "wait". */
int select(int n, fd_set *in, fd_set *out, fd_set *other, struct timeval *timeout)
{
	waiting = true;
	return fate("wait") == FAIL ? -1 : REAL(select)(n, in, out, other, timeout);
}

int poll(struct pollfd *fds, nfds_t n, int timeout)
{
	waiting = true;
	return fate("wait") == FAIL ? -1 : REAL(poll)(fds, n, timeout);
}

int epoll_wait(int poller, struct epoll_event *ready, int n, int timeout)
{
	waiting = true;
	return fate("wait") == FAIL ? -1 : REAL(epoll_wait)(poller, ready, n, timeout);
}

int epoll_pwait(int poller, struct epoll_event *ready, int n, int timeout, const sigset_t *mask)
{
	waiting = true;
	return fate("wait") == FAIL ? -1 : REAL(epoll_pwait)(poller, ready, n, timeout, mask);
}

/* Of the calls that the C library has no name for, io_uring's. */
long syscall(long number, ...)
{
	long a[6];
	va_list arguments;

	va_start(arguments, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(arguments, long);
	va_end(arguments);
	if (number == SYS_io_uring_enter) {
		waiting = true;
		if (fate("wait") == FAIL)
			return -1;
	}
	return REAL(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
