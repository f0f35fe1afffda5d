#include "io/chain_send.h"

#include <errno.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

#include "io/file.h"

enum {
	PIECES_MAX = 64, /* the most pieces of memory in one sendmsg */
	/* the most bytes in one sendfile; less than the limit of the kernel */
	SENDFILE_MAX = 0x7ffff000 / 2,
};

static struct chain *skip_empty(struct chain *chain)
{
	while (chain != NULL && buf_size(chain->buf) == 0)
		chain = chain->next;
	return chain;
}

/* Collects the memory at the start of the chain into `pieces`. It stops at the first file
 * range, at the limit, or when `pieces` is full. Returns the number of pieces. */
static int gather(struct iovec *pieces, struct str head, const struct chain *chain, off_t limit,
		  bool *file_follows)
{
	int count = 0;

	if (head.len > 0)
		pieces[count++] = (struct iovec){(void *)head.data, head.len};
	limit -= (off_t)head.len;
	for (; chain != NULL && count < PIECES_MAX && limit > 0; chain = chain->next) {
		off_t size = buf_size(chain->buf);

		if (size == 0)
			continue;
		if (buf_in_file(chain->buf)) {
			*file_follows = true;
			break;
		}
		if (size > limit)
			size = limit;
		pieces[count++] = (struct iovec){(void *)chain->buf->pos, (size_t)size};
		limit -= size;
	}
	return count;
}

/* With MSG_MORE the kernel does not send a half-filled packet before the bytes of the file
 * follow. Thus no setsockopt for TCP_CORK is needed. */
static ssize_t send_memory(int fd, struct str head, const struct chain *chain, off_t limit)
{
	struct iovec pieces[PIECES_MAX];
	bool file_follows = false;
	struct msghdr message = {.msg_iov = pieces};

	message.msg_iovlen = (size_t)gather(pieces, head, chain, limit, &file_follows);
	return sendmsg(fd, &message, MSG_NOSIGNAL | (file_follows ? MSG_MORE : 0));
}

/* Returns the length of the file range at the start of the chain. Bufs that continue this range
 * in the same file are counted too, so that one sendfile sends all of them. */
static off_t file_run(const struct chain *chain)
{
	const struct buf *first = chain->buf;
	off_t end = first->file_last;

	for (chain = chain->next; chain != NULL; chain = chain->next) {
		if (chain->buf->fd != first->fd || chain->buf->file_pos != end)
			break;
		end = chain->buf->file_last;
	}
	return end - first->file_pos;
}

static ssize_t ends_too_early(void)
{
	errno = 0;
	return -1;
}

/* Sends a file range without sendfile. Bytes that the socket does not take are not stored: they
 * are read from the file again later. */
static ssize_t copy_file(int fd, const struct buf *b, off_t size)
{
	struct str bytes;

	if (file_look_at(b->fd, (size_t)size, b->file_pos, &bytes) < 0)
		return -1;
	if (bytes.len == 0)
		return ends_too_early();
	return send(fd, bytes.data, bytes.len,
		    MSG_NOSIGNAL | ((off_t)bytes.len < size ? MSG_MORE : 0));
}

static ssize_t send_file(int fd, const struct chain *chain, off_t limit)
{
	off_t from = chain->buf->file_pos;
	off_t size = file_run(chain);
	ssize_t done;

	if (size > limit)
		size = limit;
	if (size > SENDFILE_MAX)
		size = SENDFILE_MAX;
	if (chain->buf->copied)
		return copy_file(fd, chain->buf, size);
	done = sendfile(fd, chain->buf->fd, &from, (size_t)size);
	/* Another request may have set O_DIRECT on this descriptor (see file_set_direct). Then
	 * sendfile returns EINVAL, and the bytes are copied. */
	if (done < 0 && errno == EINVAL)
		return copy_file(fd, chain->buf, size);
	return done > 0 ? done : done < 0 ? -1 : ends_too_early();
}

static off_t consume_head(struct str *head, off_t done)
{
	size_t part = (off_t)head->len < done ? head->len : (size_t)done;

	head->data += part;
	head->len -= part;
	return done - (off_t)part;
}

enum io_result chain_send(int fd, struct str *head, struct chain **chain, off_t limit, off_t *sent)
{
	*sent = 0;
	for (;;) {
		ssize_t done;

		*chain = skip_empty(*chain);
		if ((*chain == NULL && head->len == 0) || *sent >= limit)
			return IO_OK;
		if (head->len == 0 && buf_in_file((*chain)->buf))
			done = send_file(fd, *chain, limit - *sent);
		else
			done = send_memory(fd, *head, *chain, limit - *sent);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return errno == EAGAIN ? IO_AGAIN : IO_ERROR;
		*sent += done;
		*chain = chain_consume(*chain, consume_head(head, done));
	}
}
