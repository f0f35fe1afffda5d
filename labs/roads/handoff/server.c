/*
 * Nobody waits but epoll_pwait. No socket blocks, and epoll speaks up when something becomes
 * ready (the edge), not as long as it is (the level). So a connection that is called goes on
 * until the kernel has no more for it, or until its share is used up and others have a turn.
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

/* Whom to call when a descriptor is ready. The loop knows nothing else about anybody. */
struct event {
	int fd;
	uint32_t mask; /* what epoll watches it for */
	void (*callback)(struct event *e);
	void *arg;
	struct event *previous, *next;
};

static int poller;

/* All events, in a ring that begins and ends here. The kernel has such a list too, but won't
 * read it out to us, and at the end we must know whom to close. */
static struct event ring = {.previous = &ring, .next = &ring};

/* The listener's event, while there is no descriptor for another client. */
static struct event *paused;

static int control(int operation, struct event *e, uint32_t mask)
{
	struct epoll_event wish = {.events = mask | EPOLLET, .data.ptr = e};

	e->mask = mask;
	return epoll_ctl(poller, operation, e->fd, &wish);
}

static bool watch(int fd, uint32_t mask, void (*callback)(struct event *e), void *arg)
{
	struct event *e = malloc(sizeof *e);

	if (!e)
		return false;
	*e = (struct event){fd, 0, callback, arg, &ring, ring.next};
	if (control(EPOLL_CTL_ADD, e, mask) < 0) {
		log_errno("epoll_ctl", fd);
		free(e);
		return false;
	}
	e->previous->next = e->next->previous = e;
	return true;
}

static void forget(struct event *e)
{
	e->previous->next = e->next;
	e->next->previous = e->previous;
	free(e);
}

static void on_event(struct event *e);

static void on_accept(struct event *e)
{
	for (;;) {
		int fd = channel_receive(e->fd);
		struct conn *c;

		if (fd < 0) {
			if (errno != EAGAIN) {
				log_errno("recvmsg", e->fd);
				control(EPOLL_CTL_DEL, e, e->mask);
				paused = e;
			}
			return;
		}
		c = conn_open(fd);
		if (c && !watch(fd, EPOLLIN, on_event, c))
			conn_close(c);
	}
}

/* A client has gone, or a second: there may be a descriptor for those who wait outside. To add
 * the listener again has it reported at once if anybody does. */
static void resume_accepting(void)
{
	if (paused && control(EPOLL_CTL_ADD, paused, paused->mask) == 0)
		paused = NULL;
}

static void on_event(struct event *e)
{
	struct conn *c = e->arg;
	uint32_t mask;

	conn_step(c);
	if (c->want == WANT_CLOSE || (c->want == WANT_READ && quitting)) {
		/* The master may not have closed its copy yet, and until then epoll keeps this. */
		control(EPOLL_CTL_DEL, e, 0);
		conn_close(c);
		forget(e);
		resume_accepting();
		return;
	}
	/* Not blocked: its share is used up. Asked anew, the kernel finds it still ready, and
	 * reports it behind all that are ready now. */
	mask = c->want == WANT_READ ? EPOLLIN : EPOLLOUT;
	if (mask != e->mask || !c->blocked)
		control(EPOLL_CTL_MOD, e, mask);
}

/*
 * SIGQUIT: nobody new. Clients in line already get in, those that have asked get their answer,
 * and those that have not asked by now are let go.
 */
static void let_go(struct event *listening)
{
	on_accept(listening);
	close(listening->fd);
	forget(listening);
	paused = NULL;
	for (struct event *e = ring.next, *next; e != &ring; e = next) {
		next = e->next;
		on_event(e);
	}
}

void server_run(int listener)
{
	struct epoll_event ready[64];
	static const struct timespec at_once;
	sigset_t none;

	sigemptyset(&none);
	poller = epoll_create1(0);
	if (poller < 0 || !watch(listener, EPOLLIN, on_accept, NULL))
		die("epoll: %s", strerror(errno));
	for (unsigned turn = 1; !stopping && ring.next != &ring; turn++) {
		int n = epoll_pwait(poller, ready, 64, paused ? 1000 : -1, &none);

		assert(n >= 0 || errno == EINTR);
		/* An event frees nobody but itself, and is in READY once: none of the
		 * pointers behind it can have died. */
		for (int i = 0; i < n; i++) {
			struct event *e = ready[i].data.ptr;

			e->callback(e);
		}
		if (n == 0)
			resume_accepting();
		/* epoll_pwait lets no signal in while it always finds somebody ready. */
		if (turn % 64 == 0)
			ppoll(NULL, 0, &at_once, &none);
		if (quitting && ring.previous->callback == on_accept)
			let_go(ring.previous); /* the listener was the first in the ring */
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
