/*
 * Many connections, one thread, and a list of them that is ours. poll takes an array as long as
 * we like and leaves our questions in it, so that it is kept, not made anew.
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

/* Side by side: polls[i] is what the kernel reads, conns[i] whom it is about. Slot 0 is the
 * listener's. No holes: who leaves is replaced by the last. */
static struct pollfd *polls;
static struct conn **conns;
static size_t count, room;

static bool make_room(void)
{
	size_t wanted = 2 * room + 64;
	struct pollfd *p = realloc(polls, wanted * sizeof *p);
	struct conn **c = realloc(conns, wanted * sizeof *c);

	/* Each by itself: whichever has moved is gone from its old place. */
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
		/* From the end: when the last moves into a hole, it has had its turn. */
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
