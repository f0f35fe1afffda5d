/*
 * The same loop on io_uring (ring.c is that of labs/roads/uring). An answer and the next read
 * are asked for together: the second is linked to the first, and the kernel begins with it when
 * the first is done.
 */
#include "bare.h"
#include "ring.h"

#include <errno.h>
#include <stdint.h>
#include <sys/socket.h>

#ifndef IORING_ACCEPT_MULTISHOT
#define IORING_ACCEPT_MULTISHOT (1U << 0)
#endif

enum { ACCEPTED = 0, ANSWERED = 1 }; /* in place of a client's address */

static void ask_accept(int listener)
{
	struct io_uring_sqe *request = ring_ask();

	request->opcode = IORING_OP_ACCEPT;
	request->ioprio = IORING_ACCEPT_MULTISHOT;
	request->fd = listener;
	request->user_data = ACCEPTED;
}

static void ask_read(struct client *c)
{
	struct io_uring_sqe *request = ring_ask();

	request->opcode = IORING_OP_RECV;
	request->fd = c->fd;
	request->addr = (uintptr_t)(c->in + c->length);
	request->len = (unsigned)(sizeof c->in - c->length);
	request->user_data = (uintptr_t)c;
}

/* A link does not reach over the end of a submission, and ring_ask may submit when the ring is
 * full. Then the answer and the read are two requests without a link, which is as right, and a
 * bit slower. */
static void ask_send(struct client *c, size_t count)
{
	struct io_uring_sqe *request = ring_ask();

	request->opcode = IORING_OP_SEND;
	request->flags = IOSQE_IO_LINK;
	request->fd = c->fd;
	request->addr = (uintptr_t)bare_answer.text;
	request->len = (unsigned)(count * bare_answer.length);
	request->msg_flags = MSG_WAITALL | MSG_NOSIGNAL;
	request->user_data = ANSWERED;
}

static void on_read(struct client *c, int result)
{
	/* 0 or an error: the client has left, or the answer could not be sent */
	int count = result > 0 ? bare_take(c, (size_t)result) : -1;

	if (count < 0) {
		bare_close(c);
		return;
	}
	if (count > 0)
		ask_send(c, (size_t)count);
	ask_read(c);
}

int main(int argc, char **argv)
{
	int listener;
	struct io_uring_cqe done;

	ring_open();
	listener = bare_open(argc, argv, 0);
	ask_accept(listener);
	for (;;) {
		ring_wait(-1);
		while (ring_take(&done)) {
			struct client *c;

			if (done.user_data > ANSWERED)
				on_read((struct client *)(uintptr_t)done.user_data, done.res);
			if (done.user_data != ACCEPTED)
				continue;
			if (done.res >= 0 && (c = bare_client(done.res)))
				ask_read(c);
			if (!(done.flags & IORING_CQE_F_MORE))
				ask_accept(listener);
		}
	}
}
