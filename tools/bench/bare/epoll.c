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

/* False: the client has left, or takes no answers. */
static int serve(struct client *c)
{
	ssize_t n = read(c->fd, c->in + c->length, sizeof c->in - c->length);

	if (n <= 0)
		return 0;
	if (!bare_is_request(c, (size_t)n))
		return c->length < sizeof c->in;
	return send(c->fd, bare_answer, bare_answer_length, MSG_NOSIGNAL) ==
	       (ssize_t)bare_answer_length;
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
