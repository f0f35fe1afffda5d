/*
 * Completion in place of readiness. epoll says that a descriptor is ready, and then we make the
 * call. Here we hand the call itself to the kernel, go on, and are told its result. Many calls
 * cross into the kernel together, in the one in which the server waits.
 */
#include "server.h"

#include "conn.h"
#include "log.h"
#include "ring.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

/* Headers from before Linux 5.19 lack it. */
#ifndef IORING_ACCEPT_MULTISHOT
#define IORING_ACCEPT_MULTISHOT (1U << 0)
#endif

/* The function to call with the result of what was asked of the kernel for a descriptor. At
 * most one request is on its way for each. */
struct event {
	int fd;
	void (*callback)(struct event *e, int result, bool more);
	void *arg;
	struct event *previous, *next;
};

/* All events, in a ring that begins and ends here: at the end we must know what is open. */
static struct event ring = {.previous = &ring, .next = &ring};

/* The listener's event, while there is no descriptor for another client. */
static struct event *paused;

static void ask(struct event *e);

static bool watch(int fd, void (*callback)(struct event *e, int result, bool more), void *arg)
{
	struct event *e = malloc(sizeof *e);

	if (!e)
		return false;
	*e = (struct event){fd, callback, arg, &ring, ring.next};
	e->previous->next = e->next->previous = e;
	ask(e);
	return true;
}

static void forget(struct event *e)
{
	e->previous->next = e->next;
	e->next->previous = e->previous;
	free(e);
}

static void on_event(struct event *e, int result, bool more);

/* MORE: the request stays, and completes once for each client that comes. */
static void on_accept(struct event *e, int result, bool more)
{
	struct conn *c;

	if (stopping && result >= 0)
		close(result);
	if (stopping && !more) {
		close(e->fd);
		forget(e);
	}
	if (stopping)
		return;

	if (result >= 0) {
		c = conn_open(result);
		if (c && !watch(result, on_event, c))
			conn_close(c);
	} else if (result != -ECONNABORTED) {
		if (result == -EINVAL)
			die("io_uring: this kernel is too old; Linux 5.19 or later is needed");
		errno = -result;
		log_errno("accept", e->fd);
		paused = e;
		return;
	}
	if (!more)
		ask(e);
}

/* A client has gone, or a second: there may be a descriptor for the next one in line. */
static void resume_accepting(void)
{
	if (!paused)
		return;
	ask(paused);
	paused = NULL;
}

static void on_event(struct event *e, int result, bool more)
{
	struct conn *c = e->arg;

	(void)more;
	if (!stopping)
		conn_done(c, result);
	if (stopping || c->want == WANT_CLOSE) {
		conn_close(c);
		forget(e);
		resume_accepting();
		return;
	}
	ask(e);
}

/* SIGINT or SIGTERM has come. */
static void on_signal(struct event *e, int result, bool more)
{
	assert(result > 0 && !more);
	stopping = 1;
	close(e->fd);
	forget(e);
}

static void ask(struct event *e)
{
	struct io_uring_sqe *request = ring_ask();

	if (e->callback == on_event) {
		conn_ask(e->arg, request);
	} else if (e->callback == on_accept) {
		request->opcode = IORING_OP_ACCEPT;
		request->ioprio = IORING_ACCEPT_MULTISHOT;
		request->fd = e->fd;
	} else {
		request->opcode = IORING_OP_POLL_ADD;
		request->poll32_events = POLLIN;
		request->fd = e->fd;
	}
	request->user_data = (uintptr_t)e;
}

static bool call_back(void)
{
	struct io_uring_cqe done;
	bool any = false;

	while (ring_take(&done)) {
		struct event *e = (struct event *)(uintptr_t)done.user_data;

		e->callback(e, done.res, done.flags & IORING_CQE_F_MORE);
		any = true;
	}
	return any;
}

/*
 * The kernel still has a request for every descriptor, and may write into its buffer at any
 * moment. To shut the sockets down completes the requests. Only then their memory can be freed.
 */
static void end_all(void)
{
	resume_accepting();
	for (struct event *e = ring.next; e != &ring; e = e->next)
		shutdown(e->fd, SHUT_RDWR);
	while (ring.next != &ring) {
		ring_wait(-1);
		call_back();
	}
}

void server_run(int listener)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	if (!watch(signalfd(-1, &signals, 0), on_signal, NULL) ||
	    !watch(listener, on_accept, NULL))
		die("io_uring: %s", strerror(errno));
	while (!stopping) {
		ring_wait(paused ? 1000 : -1);
		if (!call_back())
			resume_accepting();
	}
	end_all();
}
