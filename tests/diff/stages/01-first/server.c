/* server.c - how this stage waits: not at all cleverly. Café at the end. */
#include <errno.h>
#include <stdio.h>

struct conn {
	int fd;
	char buf[512];
};

/* Let a connection go. */
static void conn_close(struct conn *c)
{
	close(c->fd);
	c->fd = -1;
}

static void on_accept(int listener)
{
	struct conn c;

	c.fd = accept(listener, NULL, NULL);
	if (c.fd < 0)
		return;
	conn_step(&c);
	conn_close(&c);
}

void server_run(int listener)
{
	while (!stopping)
		on_accept(listener);
}
