#include "proc/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* A message with more than one descriptor is invalid. But there must be room for more
 * descriptors: a descriptor must be received before it can be closed. */
enum { FDS_SEEN = 8 };

union control {
	struct cmsghdr header; /* gives `bytes` the alignment of a cmsghdr */
	char bytes[CMSG_SPACE(FDS_SEEN * sizeof(int))];
};

int channel_open(int ends[2])
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) < 0)
		return -1;
	if (fcntl(ends[0], F_SETOWN, getpid()) == 0 &&
	    fcntl(ends[0], F_SETFL, O_NONBLOCK | O_ASYNC) == 0)
		return 0;
	close(ends[0]);
	close(ends[1]);
	return -1;
}

static void attach(struct msghdr *to, union control *control, int fd)
{
	to->msg_control = control->bytes;
	to->msg_controllen = CMSG_SPACE(sizeof(fd));
	control->header = (struct cmsghdr){
	    .cmsg_len = CMSG_LEN(sizeof(fd)),
	    .cmsg_level = SOL_SOCKET,
	    .cmsg_type = SCM_RIGHTS,
	};
	memcpy(CMSG_DATA(&control->header), &fd, sizeof(fd));
}

int channel_send(int end, enum channel_command command, struct str path, int fd)
{
	uint32_t number = command;
	struct iovec parts[] = {{&number, sizeof(number)}, {(void *)path.data, path.len}};
	struct msghdr header = {.msg_iov = parts, .msg_iovlen = COUNT_OF(parts)};
	union control control = {.bytes = {0}};
	ssize_t sent;

	if (path.len >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (fd >= 0)
		attach(&header, &control, fd);
	do
		sent = sendmsg(end, &header, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -1 : 0;
}

/* Copies all descriptors of the message to `fds` and returns their number, even if the message
 * is invalid. */
static size_t detach(struct msghdr *from, int *fds)
{
	size_t count = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(from); c != NULL; c = CMSG_NXTHDR(from, c)) {
		size_t bytes = c->cmsg_len - CMSG_LEN(0);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		memcpy(fds + count, CMSG_DATA(c), bytes);
		count += bytes / sizeof(int);
	}
	return count;
}

static bool is_path(const char *path, size_t length)
{
	return length > 0 && length < PATH_MAX && memchr(path, '\0', length) == NULL;
}

static bool is_whole(const struct channel_message *m, size_t length, size_t files)
{
	size_t path = length - sizeof(m->command);

	if (length < sizeof(m->command))
		return false;
	if (m->command == CHANNEL_LOG)
		return files == 1 && is_path(m->path, path);
	return m->command == CHANNEL_SERVING && files == 0 && path == 0;
}

/* Returns true if the other end is closed. recvmsg cannot tell this: it returns 0 also for a
 * message without bytes. */
static bool is_hung_up(int end)
{
	struct pollfd p = {.fd = end};

	return poll(&p, 1, 0) == 1 && p.revents & POLLHUP;
}

static enum channel_result failure(void)
{
	return errno == EAGAIN ? CHANNEL_EMPTY : CHANNEL_CLOSED;
}

enum channel_result channel_receive(int end, struct channel_message *m, int *fd)
{
	struct iovec part = {m, sizeof(*m)};
	union control control;
	struct msghdr header = {
	    .msg_iov = &part,
	    .msg_iovlen = 1,
	    .msg_control = control.bytes,
	    .msg_controllen = sizeof(control.bytes),
	};
	int fds[FDS_SEEN];
	ssize_t length;
	size_t count;

	do
		length = recvmsg(end, &header, MSG_CMSG_CLOEXEC);
	while (length < 0 && errno == EINTR);
	if (length < 0)
		return failure();
	count = detach(&header, fds);
	if ((header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0 &&
	    is_whole(m, (size_t)length, count)) {
		m->path[(size_t)length - sizeof(m->command)] = '\0';
		*fd = count > 0 ? fds[0] : -1;
		return CHANNEL_MESSAGE;
	}
	while (count > 0)
		close(fds[--count]);
	return length == 0 && is_hung_up(end) ? CHANNEL_CLOSED : CHANNEL_JUNK;
}
