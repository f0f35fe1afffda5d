/*
 * failing: a library to preload. A call of the program fails, when and how a file says.
 *
 * FAILING=FILE is shared with the test (failing.py), which changes it while the program runs:
 *
 *     call    which one: "malloc", "send"; empty: none
 *     left    it is the so-manyth from now on that fails
 *     lasting so does each one after that
 *     error   with this errno; 0: it is not an error, but one byte is all that is read or sent
 *     hits    how many have failed
 *
 * Before the constructor has run, memory comes from `early`: dlsym itself allocates.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

struct order {
	char call[32];
	int32_t left, lasting, error, hits;
};

static __thread bool spared;
static struct order nothing, *order = &nothing;

static struct {
	void *(*malloc)(size_t size);
	void *(*calloc)(size_t n, size_t size);
	void *(*realloc)(void *old, size_t size);
	void (*free)(void *block);
} memory;

static char early[1 << 20] __attribute__((aligned(16)));
static size_t early_used;

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("FAILING");
	int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *map = MAP_FAILED;

	memory.calloc = dlsym(RTLD_NEXT, "calloc");
	memory.realloc = dlsym(RTLD_NEXT, "realloc");
	memory.free = dlsym(RTLD_NEXT, "free");
	memory.malloc = dlsym(RTLD_NEXT, "malloc");
	if (fd >= 0) {
		map = mmap(NULL, sizeof(*order), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		close(fd);
	}
	if (map != MAP_FAILED)
		order = map;
}

/* Threads call this, too. */
static bool is_hit(const char *call)
{
	if (order->call[0] == '\0' || spared || strcmp(order->call, call) != 0)
		return false;
	int32_t left = __atomic_sub_fetch(&order->left, 1, __ATOMIC_SEQ_CST);

	if (left > 0 || (left < 0 && !order->lasting))
		return false;
	__atomic_add_fetch(&order->hits, 1, __ATOMIC_SEQ_CST);
	return true;
}

static bool fails(const char *call)
{
	if (!is_hit(call))
		return false;
	errno = order->error;
	return true;
}

/* Of those that move bytes: false, fewer of them, or an error. */
static bool fails_or_is_short(const char *call, size_t *size)
{
	if (!is_hit(call))
		return false;
	errno = order->error;
	if (order->error == 0 && *size > 1)
		*size = 1;
	return order->error != 0;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* ---- memory */

static void *early_take(size_t size)
{
	void *block = early + early_used;

	early_used += (size + 15) & ~(size_t)15;
	return early_used <= sizeof(early) ? block : NULL;
}

static bool is_early(const void *block)
{
	return (const char *)block >= early && (const char *)block < early + sizeof(early);
}

void *malloc(size_t size)
{
	if (memory.malloc == NULL)
		return early_take(size);
	return fails("malloc") ? NULL : memory.malloc(size);
}

void *calloc(size_t n, size_t size)
{
	if (memory.malloc == NULL)
		return early_take(n * size);
	return fails("malloc") ? NULL : memory.calloc(n, size);
}

void *realloc(void *old, size_t size)
{
	void *moved;

	if (memory.malloc != NULL && !is_early(old))
		return fails("malloc") ? NULL : memory.realloc(old, size);
	moved = malloc(size);
	if (moved != NULL && old != NULL) {
		size_t there = (size_t)(early + sizeof(early) - (char *)old);

		memcpy(moved, old, size < there ? size : there);
	}
	return moved;
}

void free(void *block)
{
	if (memory.malloc != NULL && !is_early(block))
		memory.free(block);
}

/* The C library's own regcomp frees a block twice when its realloc fails (glibc 2.36): so it does
 * not fail inside. */
int regcomp(regex_t *to, const char *source, int flags)
{
	int result;

	spared = true;
	result = REAL(regcomp)(to, source, flags);
	spared = false;
	return result;
}

/* ---- sockets and events */

int accept4(int fd, struct sockaddr *address, socklen_t *size, int flags)
{
	return fails("accept4") ? -1 : REAL(accept4)(fd, address, size, flags);
}

int epoll_ctl(int poller, int operation, int fd, struct epoll_event *event)
{
	if (operation != EPOLL_CTL_DEL && fails("epoll_ctl"))
		return -1;
	return REAL(epoll_ctl)(poller, operation, fd, event);
}

int setsockopt(int fd, int level, int name, const void *value, socklen_t size)
{
	return fails("setsockopt") ? -1 : REAL(setsockopt)(fd, level, name, value, size);
}

int getsockname(int fd, struct sockaddr *address, socklen_t *size)
{
	return fails("getsockname") ? -1 : REAL(getsockname)(fd, address, size);
}

int shutdown(int fd, int how)
{
	return fails("shutdown") ? -1 : REAL(shutdown)(fd, how);
}

ssize_t recv(int fd, void *to, size_t size, int flags)
{
	return fails_or_is_short("recv", &size) ? -1 : REAL(recv)(fd, to, size, flags);
}

ssize_t send(int fd, const void *from, size_t size, int flags)
{
	return fails_or_is_short("send", &size) ? -1 : REAL(send)(fd, from, size, flags);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	struct msghdr copy = *message;
	struct iovec first = copy.msg_iovlen > 0 ? copy.msg_iov[0] : (struct iovec){0};
	size_t size = first.iov_len;

	if (fails_or_is_short("sendmsg", &size))
		return -1;
	if (size < first.iov_len) {
		first.iov_len = size;
		copy.msg_iov = &first;
		copy.msg_iovlen = 1;
	}
	return REAL(sendmsg)(fd, &copy, flags);
}

ssize_t sendfile(int to, int from, off_t *offset, size_t size)
{
	return fails_or_is_short("sendfile", &size) ? -1 : REAL(sendfile)(to, from, offset, size);
}

/* ---- files */

static mode_t mode_of(int flags, va_list list)
{
	return flags & (O_CREAT | __O_TMPFILE) ? va_arg(list, mode_t) : 0;
}

int open(const char *path, int flags, ...)
{
	va_list list;
	mode_t mode;

	va_start(list, flags);
	mode = mode_of(flags, list);
	va_end(list);
	return fails("open") ? -1 : REAL(open)(path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...)
{
	va_list list;
	mode_t mode;

	va_start(list, flags);
	mode = mode_of(flags, list);
	va_end(list);
	return fails("open") ? -1 : REAL(openat)(folder, path, flags, mode);
}

int fstat(int fd, struct stat *st)
{
	return fails("stat") ? -1 : REAL(fstat)(fd, st);
}

int stat(const char *path, struct stat *st)
{
	return fails("stat") ? -1 : REAL(stat)(path, st);
}

int lstat(const char *path, struct stat *st)
{
	return fails("stat") ? -1 : REAL(lstat)(path, st);
}

int fstatat(int folder, const char *path, struct stat *st, int flags)
{
	return fails("stat") ? -1 : REAL(fstatat)(folder, path, st, flags);
}

int fstatfs(int fd, struct statfs *fs)
{
	return fails("fstatfs") ? -1 : REAL(fstatfs)(fd, fs);
}

ssize_t readlink(const char *path, char *to, size_t size)
{
	return fails("readlink") ? -1 : REAL(readlink)(path, to, size);
}

int inotify_add_watch(int fd, const char *path, uint32_t events)
{
	int (*real)(int, const char *, uint32_t) = dlsym(RTLD_NEXT, "inotify_add_watch");

	return fails("inotify_add_watch") ? -1 : real(fd, path, events);
}

int fcntl(int fd, int command, ...)
{
	va_list list;
	long argument;

	va_start(list, command);
	argument = va_arg(list, long);
	va_end(list);
	return fails("fcntl") ? -1 : REAL(fcntl)(fd, command, argument);
}

ssize_t read(int fd, void *to, size_t size)
{
	return fails_or_is_short("read", &size) ? -1 : REAL(read)(fd, to, size);
}

ssize_t pread(int fd, void *to, size_t size, off_t from)
{
	return fails_or_is_short("pread", &size) ? -1 : REAL(pread)(fd, to, size, from);
}

ssize_t preadv2(int fd, const struct iovec *pieces, int count, off_t from, int flags)
{
	struct iovec first = pieces[0];

	if (fails_or_is_short("preadv2", &first.iov_len))
		return -1;
	if (first.iov_len < pieces[0].iov_len)
		return REAL(preadv2)(fd, &first, 1, from, flags);
	return REAL(preadv2)(fd, pieces, count, from, flags);
}

ssize_t write(int fd, const void *from, size_t size)
{
	return fails_or_is_short("write", &size) ? -1 : REAL(write)(fd, from, size);
}

ssize_t pwrite(int fd, const void *from, size_t size, off_t at)
{
	return fails_or_is_short("pwrite", &size) ? -1 : REAL(pwrite)(fd, from, size, at);
}

int mkdir(const char *path, mode_t mode)
{
	return fails("mkdir") ? -1 : REAL(mkdir)(path, mode);
}

/* The struct is opaque: opendir and readdir are found without their header's attributes. */
void *opendir(const char *path)
{
	void *(*real)(const char *) = dlsym(RTLD_NEXT, "opendir");

	return fails("opendir") ? NULL : real(path);
}

void *readdir(void *folder)
{
	void *(*real)(void *) = dlsym(RTLD_NEXT, "readdir");

	return fails("readdir") ? NULL : real(folder);
}
