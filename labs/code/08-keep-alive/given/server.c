/*
 * Stage 5's loop: edge-triggered, no socket blocks. It calls conn_step, and then looks at c->want
 * and c->blocked:
 *
 *	blocked       epoll reports the socket when it is ready again: for WANT_READ and
 *	              WANT_LINGER when bytes have come, for WANT_WRITE when there is room
 *	not blocked   its share of this turn is used up; conn_step is called again in the next
 *	              turn
 *	WANT_CLOSE    conn_close is called, and that is the end
 */
#include "server.h"

#include "answer.h"
#include "conn.h"
#include "idle.h"
#include "log.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH = 64 };

struct watch {
	struct conn *conn; /* NULL: the listener */
	uint32_t mask;
	bool over; /* closed in this turn: its event may lie in the batch */
	struct watch *previous, *next;
};

static int poller;
static struct watch ring = {.previous = &ring, .next = &ring};
static struct watch *dead; /* freed at the end of the turn */

static int control(int operation, int fd, struct watch *w, uint32_t mask)
{
	struct epoll_event wish = {.events = mask | EPOLLET, .data.ptr = w};

	w->mask = mask;
	return epoll_ctl(poller, operation, fd, &wish);
}

static bool watch(int fd, struct conn *c)
{
	struct watch *w = malloc(sizeof *w);

	if (!w)
		return false;
	*w = (struct watch){.conn = c, .previous = &ring, .next = ring.next};
	if (control(EPOLL_CTL_ADD, fd, w, EPOLLIN) < 0) {
		log_errno("epoll_ctl", fd);
		free(w);
		return false;
	}
	w->previous->next = w->next->previous = w;
	if (c)
		c->watch = w;
	return true;
}

static void end(struct watch *w)
{
	conn_close(w->conn);
	w->previous->next = w->next;
	w->next->previous = w->previous;
	w->over = true;
	w->next = dead;
	dead = w;
}

static void accept_all(int listener)
{
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
		struct conn *c = conn_open(fd);

		if (c && !watch(fd, c))
			conn_close(c);
	}
	if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR)
		log_errno("accept", listener);
}

/* One connection may begin TURN_MOST answers in a turn; then the others have theirs. */
static void look_at_share(void)
{
	if (answer_count > TURN_MOST) {
		fprintf(stderr,
			"server: one call of conn_step began %d answers; TURN_MOST is %d\n",
			answer_count, TURN_MOST);
		abort();
	}
	answer_count = 0;
}

static void step(struct watch *w)
{
	struct conn *c = w->conn;
	uint32_t mask;

	conn_step(c);
	look_at_share();
	if (c->want == WANT_CLOSE) {
		end(w);
		return;
	}
	/* EPOLL_CTL_MOD makes the kernel look again, and report a socket that is ready. One
	 * whose share is used up may not be ready for anything: room to write brings it back in
	 * any case. */
	mask = c->want == WANT_WRITE ? EPOLLOUT : EPOLLIN;
	if (!c->blocked)
		mask |= EPOLLOUT;
	if (mask != w->mask || !c->blocked)
		control(EPOLL_CTL_MOD, c->fd, w, mask);
}

static void turn(int listener, const sigset_t *none)
{
	struct epoll_event ready[BATCH];
	int n = epoll_pwait(poller, ready, BATCH, idle_next(), none);
	struct idle *i;

	assert(n >= 0 || errno == EINTR);
	for (int k = 0; k < n; k++) {
		struct watch *w = ready[k].data.ptr;

		if (!w->conn)
			accept_all(listener);
		else if (!w->over)
			step(w);
	}
	while ((i = idle_over()))
		end(conn_of(i)->watch);
	while (dead) {
		struct watch *next = dead->next;

		free(dead);
		dead = next;
	}
}

void server_run(int listener)
{
	static const struct timespec at_once;
	sigset_t none;

	sigemptyset(&none);
	poller = epoll_create1(0);
	if (poller < 0 || !watch(listener, NULL))
		die("epoll: %s", strerror(errno));
	for (unsigned n = 1; !stopping; n++) {
		turn(listener, &none);
		/* While a socket is always ready, epoll_pwait never sleeps and lets no signal
		 * in. */
		if (n % 64 == 0)
			ppoll(NULL, 0, &at_once, &none);
	}
	while (ring.next != &ring) {
		struct watch *w = ring.next;

		ring.next = w->next;
		if (w->conn)
			conn_close(w->conn);
		free(w);
	}
	close(listener);
	close(poller);
}
