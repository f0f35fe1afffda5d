#include "proc/channel.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* More than one is junk, but those that come must be seen to be closed. */
enum { FDS_SEEN = 8 };

union control {
	struct cmsghdr header; /* for its alignment */
	char bytes[CMSG_SPACE(FDS_SEEN * sizeof(int))];
};

int channel_open(int ends[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends);
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
	attach(&header, &control, fd);
	do
		sent = sendmsg(end, &header, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -1 : 0;
}

/* Every descriptor that came, whatever the message is worth. */
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

static bool is_whole(const struct channel_message *m, size_t length, int flags)
{
	size_t path = length - offsetof(struct channel_message, path);

	return (flags & (MSG_TRUNC | MSG_CTRUNC)) == 0 &&
	       length > offsetof(struct channel_message, path) && path < PATH_MAX &&
	       m->command == CHANNEL_LOG && memchr(m->path, '\0', path) == NULL;
}

/* recvmsg returns 0 for a message without a byte as well. */
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
	if (count == 1 && is_whole(m, (size_t)length, header.msg_flags)) {
		m->path[(size_t)length - offsetof(struct channel_message, path)] = '\0';
		*fd = fds[0];
		return CHANNEL_MESSAGE;
	}
	while (count > 0)
		close(fds[--count]);
	return length == 0 && is_hung_up(end) ? CHANNEL_CLOSED : CHANNEL_JUNK;
}
