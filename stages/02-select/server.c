/*
 * Many connections, one thread. select waits for all of them at once and says which ones can go
 * on without waiting; each of those does one step. Between its steps, what a connection was
 * doing is no longer in our call stack but in its struct conn.
 */
#include "server.h"

#include "conn.h"
#include "log.h"

#include <assert.h>
#include <errno.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

static struct conn *conns[FD_SETSIZE]; /* the index is the descriptor; NULL: no connection */

static void on_accept(int listener)
{
	int fd = accept(listener, NULL, NULL);

	if (fd < 0) {
		if (errno != EINTR && errno != ECONNABORTED)
			log_errno("accept", listener);
		return;
	}
	if (fd >= FD_SETSIZE) {
		/* FD_SET would write past the end of the set, into other variables */
		log_line("closing a client: select can't watch descriptors from %d on",
			 FD_SETSIZE);
		close(fd);
		return;
	}
	conns[fd] = conn_open(fd);
}

static void on_event(struct conn *c)
{
	conn_step(c);
	if (c->want == WANT_CLOSE) {
		conns[c->fd] = NULL;
		conn_close(c);
	}
}

/* Builds both sets again before each call: select removes from them all that is not ready. */
static void fill_sets(int listener, fd_set *readable, fd_set *writable)
{
	FD_ZERO(readable);
	FD_ZERO(writable);
	FD_SET(listener, readable);
	for (int fd = 0; fd < FD_SETSIZE; fd++)
		if (conns[fd])
			FD_SET(fd, conns[fd]->want == WANT_READ ? readable : writable);
}

void server_run(int listener)
{
	fd_set readable, writable;

	while (!stopping) {
		fill_sets(listener, &readable, &writable);
		if (select(FD_SETSIZE, &readable, &writable, NULL, NULL) < 0) {
			assert(errno == EINTR);
			continue;
		}
		for (int fd = 0; fd < FD_SETSIZE; fd++)
			if (conns[fd] && (FD_ISSET(fd, &readable) || FD_ISSET(fd, &writable)))
				on_event(conns[fd]);
		if (FD_ISSET(listener, &readable))
			on_accept(listener);
	}
	for (int fd = 0; fd < FD_SETSIZE; fd++)
		if (conns[fd])
			conn_close(conns[fd]);
	close(listener);
}
