#include "own.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static struct session *newest;

static void bye(struct session *s, int rst)
{
	for (int i = 0; i < 2; i++) {
		struct linger l = {rst, 0};

		setsockopt(s->ends[i].fd, SOL_SOCKET, SO_LINGER, &l, rst ? sizeof l : 0);
		loop_remove(s->loop, s->ends[i].fd, &s->ends[i]);
		close(s->ends[i].fd);
	}
	loop_not_soon(s->loop, &s->soon);
	if (s->newer)
		s->newer->older = s->older;
	else
		newest = s->older;
	if (s->older)
		s->older->newer = s->newer;
	free(s);
}

void relay_accept(struct loop *l, int client)
{
	struct session *s = malloc(sizeof *s);
	struct sockaddr_in to = {0};

	if (!s) {
		close(client);
		return;
	}
	memset(s, 0, sizeof *s);
	to.sin_family = AF_INET;
	to.sin_port = htons((unsigned short)target_port);
	inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
	s->loop = l;
	s->ends[0] = (struct end){s, client, 0};
	s->ends[1] = (struct end){s, socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), 0};
	for (int i = 0; i < 2; i++) {
		s->ways[i].from = &s->ends[i];
		s->ways[i].to = &s->ends[!i];
	}
	s->older = newest;
	if (newest)
		newest->newer = s;
	newest = s;
	if (s->ends[1].fd < 0 || (connect(s->ends[1].fd, (void *)&to, sizeof to) && errno != EINPROGRESS) ||
	    loop_add(l, client, &s->ends[0]) || loop_add(l, s->ends[1].fd, &s->ends[1]))
		bye(s, REFUSED_RESETS);
}

/* Bytes moved, 0 for none, -1 when the connection is broken. */
static long go(struct direction *d)
{
	long moved = 0;

	if (d->state == FLOWS && d->from->can & EPOLLIN && d->buffer.length < BUFFER) {
		int n = buffer_fill(&d->buffer, d->from->fd);

		if (n > 0)
			moved += n;
		else if (n == 0)
			d->state = LAST_BYTES;
		else if (errno == EAGAIN)
			d->from->can &= ~(unsigned)EPOLLIN;
		else
			return -1;
	}
	if (d->to->can & EPOLLOUT && d->buffer.length) {
		int n = buffer_drain(&d->buffer, d->to->fd);

		if (n > 0)
			moved += n;
		else if (errno == EAGAIN)
			d->to->can &= ~(unsigned)EPOLLOUT;
		else
			return -1;
	}
	if (d->state == LAST_BYTES && d->buffer.length == 0 && d->to->can & EPOLLOUT) {
		shutdown(d->to->fd, SHUT_WR);
		d->state = OVER;
	}
	return moved;
}

static void work(struct session *s)
{
	long share = SHARE;

	for (;;) {
		long a = go(&s->ways[0]), b = a < 0 ? -1 : go(&s->ways[1]);

		if (b < 0 || (s->ways[0].state == OVER && s->ways[1].state == OVER)) {
			bye(s, b < 0);
			return;
		}
		if (a + b == 0)
			return;
		share -= a + b;
		if (share <= 0) {
			loop_soon(s->loop, &s->soon);
			return;
		}
	}
}

void relay_ready(struct end *e, uint32_t events)
{
	if (events & EPOLLERR) {
		int why = 0;
		socklen_t n = sizeof why;

		getsockopt(e->fd, SOL_SOCKET, SO_ERROR, &why, &n);
		if (why) {
			bye(e->of, why == ECONNREFUSED ? REFUSED_RESETS : 1);
			return;
		}
	}
	e->can |= events & (EPOLLIN | EPOLLOUT);
	if (events & (EPOLLRDHUP | EPOLLHUP))
		e->can |= EPOLLIN;
	work(e->of);
}

void relay_again(struct soon *s)
{
	work((struct session *)(void *)s);
}

void relay_end(void)
{
	while (newest)
		bye(newest, 0);
}
