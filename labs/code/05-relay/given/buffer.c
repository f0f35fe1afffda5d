#include "buffer.h"

#include <assert.h>
#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

size_t buffer_moved;

/* N bytes of the ring from AT on: one part, or two where they go around the end. */
static int parts(struct buffer *b, size_t at, size_t n, struct iovec part[2])
{
	size_t first = at + n > BUFFER ? BUFFER - at : n;

	part[0] = (struct iovec){b->bytes + at, first};
	part[1] = (struct iovec){b->bytes, n - first};
	return n > first ? 2 : 1;
}

int buffer_fill(struct buffer *b, int fd)
{
	struct iovec part[2];
	ssize_t n;

	assert(b->length < BUFFER);
	do
		n = readv(fd, part, parts(b, (b->start + b->length) % BUFFER, BUFFER - b->length, part));
	while (n < 0 && errno == EINTR);
	if (n > 0) {
		b->length += (size_t)n;
		buffer_moved += (size_t)n;
	}
	return (int)n;
}

int buffer_drain(struct buffer *b, int fd)
{
	struct iovec part[2];
	struct msghdr m = {.msg_iov = part};
	ssize_t n;

	assert(b->length > 0);
	m.msg_iovlen = (size_t)parts(b, b->start, b->length, part);
	do
		n = sendmsg(fd, &m, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n > 0) {
		b->start = (b->start + (size_t)n) % BUFFER;
		b->length -= (size_t)n;
	}
	return (int)n;
}
