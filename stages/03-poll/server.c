/*
 * Many connections, one thread, and an array of them that we own. poll accepts an array of any
 * length and does not change what we ask in it. So we keep the array instead of building it
 * again before each call.
 */
#include "server.h"

#include "conn.h"
#include "log.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
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

static void on_accept(int listener)
{
	int fd = accept(listener, NULL, NULL);
	struct conn *c;

	if (fd < 0) {
		if (errno != EINTR && errno != ECONNABORTED)
			log_errno("accept", listener);
		return;
	}
	c = conn_open(fd);
	if (c && !watch(fd, c))
		conn_close(c);
}

static void on_event(size_t i)
{
	struct conn *c = conns[i];

	conn_step(c);
	polls[i].events = c->want == WANT_READ ? POLLIN : POLLOUT;
	if (c->want == WANT_CLOSE) {
		conn_close(c);
		count--;
		polls[i] = polls[count];
		conns[i] = conns[count];
	}
}

void server_run(int listener)
{
	if (!watch(listener, NULL))
		die("no memory for the list of connections");
	while (!stopping) {
		if (poll(polls, count, -1) < 0) {
			assert(errno == EINTR);
			continue;
		}
		/* From the end: the last entry has had its turn before it moves into a hole. */
		for (size_t i = count - 1; i > 0; i--)
			if (polls[i].revents)
				on_event(i);
		if (polls[0].revents)
			on_accept(listener);
	}
	for (size_t i = 1; i < count; i++)
		conn_close(conns[i]);
	free(polls);
	free(conns);
	close(listener);
}
