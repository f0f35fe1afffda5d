/*
 * One connection at a time. Every call may wait: accept for a client, read for its request,
 * send and sendfile for room in its window. While we wait for one client, all others wait.
 */
#include "server.h"

#include "conn.h"
#include "log.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

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
	while (c && c->want != WANT_CLOSE && !stopping)
		conn_step(c);
	if (c)
		conn_close(c);
}

void server_run(int listener)
{
	while (!stopping)
		on_accept(listener);
	close(listener);
}
