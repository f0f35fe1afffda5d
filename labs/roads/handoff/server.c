/*
 * The server waits in epoll_pwait and nowhere else. No socket blocks. epoll reports a socket
 * when it becomes ready (the edge), not as long as it is ready (the level). So a callback goes
 * on until the kernel says EAGAIN, or until the share is used up and the others have a turn.
 */
#include "server.h"

#include "channel.h"
#include "conn.h"
#include "log.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
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

/* NULL once the listener is closed. */
static struct event *listening;

/* Clients to accept in one turn; those that are connected have their turn in between. */
enum { ACCEPT_SHARE = 64 };

/* The listener's event while it is out of epoll; NULL while epoll watches it. */
static struct event *paused;

static int control(int operation, struct event *e, uint32_t mask)
{
	struct epoll_event wish = {.events = mask | EPOLLET, .data.ptr = e};

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

static void pause_accepting(struct event *e)
{
	control(EPOLL_CTL_DEL, e, e->mask);
	paused = e;
}

/* EPOLL_CTL_ADD reports the listener again at once if clients wait in its queue. */
static void resume_accepting(void)
{
	if (paused && control(EPOLL_CTL_ADD, paused, paused->mask) == 0)
		paused = NULL;
}

/* False when the queue is empty, or when the server can't accept a client now. */
static bool accept_client(struct event *e)
{
	int fd = channel_receive(e->fd);
	struct conn *c;

	if (fd < 0) {
		if (errno != EAGAIN) {
			log_errno("recvmsg", e->fd);
			pause_accepting(e);
		}
		return false;
	}
	c = conn_open(fd);
	if (c && !watch(fd, EPOLLIN, on_event, c))
		conn_close(c);
	return true;
}

/* After its share the listener is removed and added: if clients still wait in its queue, epoll
 * reports it again, after all sockets that are ready now. */
static void on_accept(struct event *e)
{
	for (int i = 0; i < ACCEPT_SHARE; i++)
		if (!accept_client(e))
			return;
	pause_accepting(e);
	resume_accepting();
}

static void on_event(struct event *e)
{
	struct conn *c = e->arg;
	uint32_t mask;

	conn_step(c);
	if (c->want == WANT_CLOSE || (c->want == WANT_READ && quitting)) {
		/* The master may not have closed its copy yet. */
		control(EPOLL_CTL_DEL, e, 0);
		conn_close(c);
		forget(e);
		resume_accepting();
		return;
	}
	/* Not blocked: its share is used up. EPOLL_CTL_MOD makes the kernel look again; the
	 * socket is still ready, and is reported after all sockets that are ready now. */
	mask = c->want == WANT_READ ? EPOLLIN : EPOLLOUT;
	if (mask != e->mask || !c->blocked)
		control(EPOLL_CTL_MOD, e, mask);
}

/*
 * SIGQUIT: no new clients. Clients in the queue are still accepted, clients that have sent a
 * request get their answer, and the others are closed.
 */
static void finish_accepting(void)
{
	while (accept_client(listening))
		;
	close(listening->fd);
	forget(listening);
	listening = paused = NULL;
	for (struct event *e = ring.next, *next; e != &ring; e = next) {
		next = e->next;
		on_event(e);
	}
}

void server_run(int channel)
{
	struct epoll_event ready[64];
	static const struct timespec at_once;
	sigset_t none;

	sigemptyset(&none);
	poller = epoll_create1(0);
	listening = watch(channel, EPOLLIN, on_accept, NULL);
	if (poller < 0 || !listening)
		die("epoll: %s", strerror(errno));
	for (unsigned turn = 1; !stopping && ring.next != &ring; turn++) {
		int n = epoll_pwait(poller, ready, 64, paused ? 1000 : -1, &none);

		assert(n >= 0 || errno == EINTR);
		/* A callback frees no event but its own, and each event is in READY at most
		 * once. So the pointers after it are still valid. */
		for (int i = 0; i < n; i++) {
			struct event *e = ready[i].data.ptr;

			e->callback(e);
		}
		if (n == 0)
			resume_accepting();
		/* While a socket is always ready, epoll_pwait never sleeps and lets no signal
		 * in. */
		if (turn % 64 == 0)
			ppoll(NULL, 0, &at_once, &none);
		if (quitting && listening)
			finish_accepting();
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
