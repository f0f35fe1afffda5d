/*
 * The kernel keeps the list. We tell epoll once which descriptor to watch, and for which
 * events. epoll_wait returns only those that are ready, each with our pointer to the function
 * to call.
 */
#include "server.h"

#include "conn.h"
#include "log.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* The function to call when a descriptor is ready. The loop knows nothing else about it. */
struct event {
	int fd;
	uint32_t mask; /* the events that epoll reports */
	void (*callback)(struct event *e);
	void *arg;
	struct event *previous, *next;
};

static int poller;

/* All events, in a ring that begins and ends here. The kernel has such a list too, but no call
 * reads it, and at the end we have to close all descriptors. */
static struct event ring = {.previous = &ring, .next = &ring};

static int control(int operation, struct event *e, uint32_t mask)
{
	struct epoll_event wish = {.events = mask, .data.ptr = e};

	e->mask = mask;
	return epoll_ctl(poller, operation, e->fd, &wish);
}

/* Returns NULL when there is no memory, or when epoll refuses the descriptor. */
static struct event *watch(int fd, uint32_t mask, void (*callback)(struct event *e), void *arg)
{
	struct event *e = malloc(sizeof *e);

	if (!e)
		return NULL;
	*e = (struct event){fd, 0, callback, arg, &ring, ring.next};
	if (control(EPOLL_CTL_ADD, e, mask) < 0) {
		log_errno("epoll_ctl", fd);
		free(e);
		return NULL;
	}
	e->previous->next = e->next->previous = e;
	return e;
}

/* No EPOLL_CTL_DEL: closing a descriptor removes it from epoll, unless a copy of it is open. */
static void forget(struct event *e)
{
	e->previous->next = e->next;
	e->next->previous = e->previous;
	free(e);
}

static void on_event(struct event *e);

static void on_accept(struct event *e)
{
	int fd = accept(e->fd, NULL, NULL);
	struct conn *c;

	if (fd < 0) {
		if (errno != EINTR && errno != ECONNABORTED)
			log_errno("accept", e->fd);
		return;
	}
	c = conn_open(fd);
	if (c && !watch(fd, EPOLLIN, on_event, c))
		conn_close(c);
}

static void on_event(struct event *e)
{
	struct conn *c = e->arg;
	uint32_t mask;

	conn_step(c);
	if (c->want == WANT_CLOSE) {
		conn_close(c);
		forget(e);
		return;
	}
	mask = c->want == WANT_READ ? EPOLLIN : EPOLLOUT;
	if (mask != e->mask)
		control(EPOLL_CTL_MOD, e, mask);
}

void server_run(int listener)
{
	struct epoll_event ready[64];

	poller = epoll_create1(0);
	if (poller < 0 || !watch(listener, EPOLLIN, on_accept, NULL))
		die("epoll: %s", strerror(errno));
	while (!stopping) {
		int n = epoll_wait(poller, ready, 64, -1);

		assert(n >= 0 || errno == EINTR);
		/* A callback frees no event but its own, and each event is in READY at most
		 * once. So the pointers after it are still valid. */
		for (int i = 0; i < n; i++) {
			struct event *e = ready[i].data.ptr;

			e->callback(e);
		}
	}
	while (ring.next != &ring) {
		if (ring.next->arg)
			conn_close(ring.next->arg);
		else
			close(ring.next->fd);
		forget(ring.next);
	}
	close(poller);
}
