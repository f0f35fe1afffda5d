#include "own.h"

#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static struct end *clients;

static void drop(struct end *client, int reset)
{
	struct end **at = &clients, *two[2] = {client, client->other};

	while (*at != client)
		at = &(*at)->next;
	*at = client->next;
	loop_not_soon(client->loop, &client->soon);
	for (int i = 0; i < 2; i++) {
		if (reset)
			setsockopt(two[i]->fd, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger));
		loop_remove(client->loop, two[i]->fd, two[i]);
		close(two[i]->fd);
	}
	free(two[0]);
	free(two[1]);
}

/* From one end to the other, at most MOST bytes; < 0: broken. */
static long carry(struct end *from, long most)
{
	struct end *to = from->other;
	long moved = 0;

	while (moved < most) {
		int in = -1, out = -1, room = from->in.length < BUFFER && !from->eof;

		errno = EAGAIN;
		if (room)
			in = buffer_fill(&from->in, from->fd);
		if (room && in < 0 && errno != EAGAIN)
			return -1;
		if (room && in == 0)
			from->eof = 1;
		if (to->connected && from->in.length) {
			out = buffer_drain(&from->in, to->fd);
			if (out < 0 && errno != EAGAIN)
				return -1;
		}
		if (in > 0)
			moved += in;
		if (in <= 0 && out <= 0)
			break;
	}
	if (from->eof && !from->in.length && to->connected && !to->shut) {
		shutdown(to->fd, SHUT_WR);
		to->shut = 1;
	}
	return moved;
}

static void work(struct end *client)
{
	long up = 0, down;

	if (client->other->connected)
		up = carry(client, SHARE / 2);
	down = up < 0 || !client->other->connected ? up : carry(client->other, SHARE / 2);
	if (down < 0)
		drop(client, 1);
	else if (client->shut && client->other->shut)
		drop(client, 0);
	else if (up >= SHARE / 2 || down >= SHARE / 2)
		loop_soon(client->loop, &client->soon);
}

static struct end *make(struct loop *l, int fd)
{
	struct end *e = calloc(1, sizeof *e);

	if (!e)
		exit(1);
	e->loop = l;
	e->fd = fd;
	return e;
}

void relay_accept(struct loop *l, int fd)
{
	struct end *client = make(l, fd), *target = make(l, socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)target_port)};

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	client->other = target;
	target->other = client;
	client->connected = 1;
	client->next = clients;
	clients = client;
	if (target->fd < 0 || (connect(target->fd, (void *)&a, sizeof a) < 0 && errno != EINPROGRESS) ||
	    loop_add(l, target->fd, target) < 0 || loop_add(l, fd, client) < 0)
		drop(client, REFUSED_RESETS);
}

void relay_ready(struct end *e, uint32_t events)
{
	struct end *client = clients;

	while (client != e && client->other != e)
		client = client->next;
	if (events & EPOLLERR) {
		int error = 0;
		socklen_t n = sizeof error;

		getsockopt(e->fd, SOL_SOCKET, SO_ERROR, &error, &n);
		if (error) {
			drop(client, error == ECONNREFUSED ? REFUSED_RESETS : 1);
			return;
		}
	}
	if (events & EPOLLOUT)
		e->connected = 1;
	work(client);
}

void relay_again(struct soon *s)
{
	work((struct end *)((char *)s - offsetof(struct end, soon)));
}

void relay_end(void)
{
	while (clients)
		drop(clients, 0);
}
