/*
 * Stage 3's loop, with deadlines. poll waits until a socket is ready or the first deadline is
 * due.
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
	polls[count] = (struct pollfd){.fd = fd, .events = POLLIN};
	conns[count++] = c;
	return true;
}

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return t.tv_sec * INT64_C(1000) * TICKS_PER_MS + t.tv_nsec / 1000000 * TICKS_PER_MS +
	       t.tv_nsec % 1000000 * TICKS_PER_MS / 1000000;
}

/* There is no place to keep right: late clients are rare, so their entry is searched. */
static size_t place_of(const struct conn *c)
{
	size_t i = 1;

	while (conns[i] != c)
		i++;
	return i;
}

static bool allow(struct conn *c, int ms)
{
	return deadline_set(&c->deadline, now() + (int64_t)ms * TICKS_PER_MS) == 0;
}

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
	if (!c)
		return;
	if (!allow(c, head_ms)) {
		conn_close(c);
	} else if (!watch(fd, c)) {
		deadline_clear(&c->deadline);
		conn_close(c);
	}
}

/* END is conn_close or conn_reset. */
static void drop(size_t i, void (*end)(struct conn *c))
{
	deadline_clear(&conns[i]->deadline);
	end(conns[i]);
	count--;
	polls[i] = polls[count];
	conns[i] = conns[count];
}

static void on_event(size_t i)
{
	struct conn *c = conns[i];

	conn_step(c);
	polls[i].events = c->want == WANT_READ ? POLLIN : POLLOUT;
	if (c->want == WANT_WRITE && c->moved)
		allow(c, stall_ms);
	if (c->want == WANT_CLOSE)
		drop(i, conn_close);
}

static void on_late(struct conn *c)
{
	if (c->want == WANT_WRITE || !allow(c, stall_ms)) {
		drop(place_of(c), conn_reset);
		return;
	}
	conn_late(c);
	polls[place_of(c)].events = POLLOUT;
}

static void look_at_deadlines(void)
{
	int64_t at = now();
	struct deadline *d;

	while ((d = deadline_take(at)))
		on_late(conn_of(d));
}

void server_run(int listener)
{
	if (!watch(listener, NULL))
		die("no memory for the list of connections");
	while (!stopping) {
		int ms = -1;

		ms = deadline_wait(now());
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
		look_at_deadlines();
	}
	while (count > 1)
		drop(count - 1, conn_close);
	free(polls);
	free(conns);
	deadline_end();
	close(listener);
}
