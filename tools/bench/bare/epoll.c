/* A bare keep-alive loop on epoll: wait, read, send. */
#include "bare.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static void watch(int poller, int fd, void *data)
{
	struct epoll_event wish = {.events = EPOLLIN, .data.ptr = data};

	epoll_ctl(poller, EPOLL_CTL_ADD, fd, &wish);
}

static bool send_all(int fd, const struct answer *a, int count)
{
	ssize_t length = (ssize_t)((size_t)count * a->length);

	return send(fd, a->text, (size_t)length, MSG_NOSIGNAL) == length;
}

/* False: the connection is over. */
static bool serve(struct client *c)
{
	ssize_t n = read(c->fd, c->in + c->length, sizeof c->in - c->length);
	int count = n > 0 ? bare_take(c, (size_t)n) : -1;

	if (count <= 0)
		return count == 0 && c->length < sizeof c->in;
	if (!c->leaves)
		return send_all(c->fd, &bare_answer, count);
	send_all(c->fd, &bare_last, 1);
	return false;
}

int main(int argc, char **argv)
{
	int poller = epoll_create1(0), listener = bare_open(argc, argv, SOCK_NONBLOCK);
	struct epoll_event ready[256];

	watch(poller, listener, NULL);
	for (;;) {
		int n = epoll_wait(poller, ready, 256, -1);

		for (int i = 0; i < n; i++) {
			struct client *c = ready[i].data.ptr;
			int fd;

			if (c) {
				if (!serve(c))
					bare_close(c);
				continue;
			}
			while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0)
				if ((c = bare_client(fd)))
					watch(poller, fd, c);
		}
	}
}
