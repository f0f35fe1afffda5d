/*
 * Stage 3's loop, with deadlines. poll waits until a socket is ready or the first deadline is due.
 */
#include "server.h"

#include "conn.h"
#include "log.h"
#include "times.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Two parallel arrays: the kernel reads polls[i], and conns[i] is its connection. Entry 0 is
 * the listener. There are no holes: the last entry replaces one that is removed. */
static struct pollfd *polls;
static struct conn **conns;
static size_t count, room;

static bool make_room(void)
{
	size_t wanted = 2 * room + 64;
	struct pollfd *p = realloc(polls, wanted * sizeof *p);
	struct conn **c = realloc(conns, wanted * sizeof *c);

	/* Store each new address: when realloc succeeds, the old block is freed. */
	polls = p ? p : polls;
	conns = c ? c : conns;
	if (p && c)
		room = wanted;
	return p && c;
}

static bool watch(int fd, struct conn *c)
{
	if (count == room && !make_room())
		return false;
	/* LAB-BEGIN 3: */
	if (c)
		c->place = count;
	/* LAB-ELSE
	LAB-END */
	polls[count] = (struct pollfd){.fd = fd, .events = POLLIN};
	conns[count++] = c;
	return true;
}

/* LAB-BEGIN 3: what time is it, in ticks? And a limit for one connection (about 15 lines) */
static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 * TICKS_PER_MS + (int64_t)t.tv_nsec * TICKS_PER_MS / 1000000;
}

static bool allow(struct conn *c, int ms)
{
	return deadline_set(&c->deadline, now() + (int64_t)ms * TICKS_PER_MS) == 0;
}
/* LAB-ELSE
LAB-END */

static void on_accept(int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	struct conn *c;

	if (fd < 0) {
		if (errno != EINTR && errno != ECONNABORTED && errno != EAGAIN)
			log_errno("accept", listener);
		return;
	}
	c = conn_open(fd);
	/* LAB-BEGIN 3: head_ms for its head; what if there is no memory? */
	if (!c)
		return;
	if (!allow(c, head_ms)) {
		conn_close(c);
	} else if (!watch(fd, c)) {
		deadline_clear(&c->deadline);
		conn_close(c);
	}
	/* LAB-ELSE
	if (c && !watch(fd, c))
		conn_close(c);
	LAB-END */
}

/* END is conn_close or conn_reset. */
static void drop(size_t i, void (*end)(struct conn *c))
{
	/* LAB-BEGIN 3: does the queue still have its deadline, and which entry moves into its place? */
	deadline_clear(&conns[i]->deadline);
	/* LAB-ELSE
	LAB-END */
	end(conns[i]);
	count--;
	polls[i] = polls[count];
	conns[i] = conns[count];
	/* LAB-BEGIN 3: */
	if (i < count)
		conns[i]->place = i;
	/* LAB-ELSE
	LAB-END */
}

static void on_event(size_t i)
{
	struct conn *c = conns[i];

	conn_step(c);
	polls[i].events = c->want == WANT_READ ? POLLIN : POLLOUT;
	/* LAB-BEGIN 5: which step moves the deadline? */
	if (c->want == WANT_WRITE && c->moved)
		allow(c, stall_ms);
	/* LAB-ELSE
	LAB-END */
	if (c->want == WANT_CLOSE)
		drop(i, conn_close);
}

/* LAB-BEGIN 3: its deadline is due (about 15 lines) */
static void on_late(struct conn *c)
{
	if (c->want == WANT_WRITE || !allow(c, stall_ms)) {
		drop(c->place, conn_reset);
		return;
	}
	conn_late(c);
	polls[c->place].events = POLLOUT;
}

static void look_at_deadlines(void)
{
	int64_t at = now();
	struct deadline *d;

	while ((d = deadline_take(at)))
		on_late(conn_of(d));
}
/* LAB-ELSE
LAB-END */

void server_run(int listener)
{
	if (!watch(listener, NULL))
		die("no memory for the list of connections");
	while (!stopping) {
		int ms = -1;

		/* LAB-BEGIN 3: */
		ms = deadline_wait(now());
		/* LAB-ELSE
		LAB-END */
		if (poll(polls, count, ms) < 0) {
			assert(errno == EINTR);
			continue;
		}
		/* From the end: the last entry has had its turn before it moves into a hole. */
		for (size_t i = count - 1; i > 0; i--)
			if (polls[i].revents)
				on_event(i);
		if (polls[0].revents)
			on_accept(listener);
		/* LAB-BEGIN 3: */
		look_at_deadlines();
		/* LAB-ELSE
		LAB-END */
	}
	while (count > 1)
		drop(count - 1, conn_close);
	free(polls);
	free(conns);
	deadline_end();
	close(listener);
}
