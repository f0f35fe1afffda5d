#include "channel.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* One byte of data, since a message must have some, and room for one descriptor. */
struct message {
	char byte;
	struct iovec data;
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
	struct msghdr head;
};

static void prepare(struct message *m)
{
	memset(m, 0, sizeof *m);
	m->data = (struct iovec){&m->byte, 1};
	m->head.msg_iov = &m->data;
	m->head.msg_iovlen = 1;
	m->head.msg_control = m->control;
	m->head.msg_controllen = sizeof m->control;
}

/* SEQPACKET keeps the messages apart, as a datagram socket does, and has an end, as a stream
 * has. */
bool channel_open(int ends[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends) == 0;
}

bool channel_send(int channel, int fd)
{
	struct message m;
	struct cmsghdr *c;

	prepare(&m);
	c = CMSG_FIRSTHDR(&m.head);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(c), &fd, sizeof fd);
	return sendmsg(channel, &m.head, MSG_NOSIGNAL) == 1;
}

/*
 * The kernel drops the descriptor of a message that it delivers to a process whose table is
 * full, and with it the client. So look first: MSG_PEEK leaves the message where it is.
 */
int channel_receive(int channel)
{
	struct message m;
	struct cmsghdr *c;
	ssize_t n;
	int fd;

	prepare(&m);
	n = recvmsg(channel, &m.head, MSG_PEEK);
	c = n == 1 ? CMSG_FIRSTHDR(&m.head) : NULL;
	if (!c) {
		if (n >= 0) /* 0: the master has closed its end */
			errno = n == 0 ? EAGAIN : EMFILE;
		return -1;
	}
	memcpy(&fd, CMSG_DATA(c), sizeof fd);
	recv(channel, &m.byte, 1, 0); /* removes the message; its descriptor is ours already */
	return fd;
}
