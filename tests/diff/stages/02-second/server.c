/* server.c - how this stage waits: for any of many. Café at the end. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>

struct conn {
	int fd;
	short want;
	char buf[512];
};

static struct pollfd fds[64];
static int nfds;

/* Ask about one descriptor more. */
static int watch(int fd)
{
	if (nfds == 64)
		return -1;
	fds[nfds].fd = fd;
	fds[nfds].events = POLLIN;
	nfds++;
	return 0;
}

/* Let a connection go. */
static void conn_close(struct conn *c)
{
	close(c->fd);
	c->fd = -1;
	nfds--;
}

static void on_accept(int listener)
{
	int fd = accept(listener, NULL, NULL);

	if (fd < 0)
		return;
	if (watch(fd) < 0)
		close(fd);
}

void server_run(int listener)
{
	watch(listener);
	while (!stopping) {
		if (poll(fds, nfds, -1) < 0)
			continue;
		on_accept(listener);
	}
}
