#include "loop.h"
#include "relay.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH = 64 };

struct loop {
	int ep, listener;
	struct soon *soon, **soon_end;
	struct epoll_event batch[BATCH];
	int batch_count;
};

int loop_add(struct loop *l, int fd, struct end *e)
{
	struct epoll_event event = {EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, {.ptr = e}};

	return epoll_ctl(l->ep, EPOLL_CTL_ADD, fd, &event);
}

void loop_remove(struct loop *l, int fd, struct end *e)
{
	epoll_ctl(l->ep, EPOLL_CTL_DEL, fd, NULL);
	for (int i = 0; i < l->batch_count; i++)
		if (l->batch[i].data.ptr == e)
			l->batch[i].events = 0;
}

void loop_soon(struct loop *l, struct soon *s)
{
	if (s->queued)
		return;
	s->queued = true;
	s->next = NULL;
	*l->soon_end = s;
	l->soon_end = &s->next;
}

void loop_not_soon(struct loop *l, struct soon *s)
{
	struct soon **at = &l->soon;

	if (!s->queued)
		return;
	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	if (l->soon_end == &s->next)
		l->soon_end = at;
	s->queued = false;
}

/* One session may move SHARE bytes a call, and what its buffers hold on top; then others come. */
static void look_at_share(void)
{
	if (buffer_moved > SHARE + 4 * BUFFER) {
		fprintf(stderr, "relay: one call moved %zu bytes for one session; SHARE is %d\n", buffer_moved, SHARE);
		abort();
	}
	buffer_moved = 0;
}

/* Those that are in the queue now; what they queue comes behind the mark, in the next turn. */
static void soon_call(struct loop *l)
{
	struct soon mark = {NULL, false};

	loop_soon(l, &mark);
	while (l->soon != &mark) {
		struct soon *s = l->soon;

		loop_not_soon(l, s);
		relay_again(s);
		look_at_share();
	}
	loop_not_soon(l, &mark);
}

static void accept_all(struct loop *l)
{
	int fd;

	while ((fd = accept4(l->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
		relay_accept(l, fd);
	if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
		perror("accept");
}

static void turn(struct loop *l)
{
	/* epoll_pwait lets signals in while it sleeps; with work to do, look for them by hand */
	sigset_t none, waiting;

	sigemptyset(&none);
	if (l->soon && sigpending(&waiting) == 0 && (sigismember(&waiting, SIGTERM) || sigismember(&waiting, SIGINT)))
		stopping = 1;
	l->batch_count = epoll_pwait(l->ep, l->batch, BATCH, l->soon ? 0 : -1, &none);
	for (int i = 0; i < l->batch_count; i++) {
		if (!l->batch[i].data.ptr)
			accept_all(l);
		else if (l->batch[i].events)
			relay_ready(l->batch[i].data.ptr, l->batch[i].events);
		look_at_share();
	}
	l->batch_count = 0;
	soon_call(l);
}

void loop_run(int listener)
{
	static struct loop l;
	struct epoll_event event = {EPOLLIN, {.ptr = NULL}};

	l.listener = listener;
	l.soon_end = &l.soon;
	l.ep = epoll_create1(EPOLL_CLOEXEC);
	if (l.ep < 0 || epoll_ctl(l.ep, EPOLL_CTL_ADD, listener, &event) < 0) {
		perror("epoll");
		exit(1);
	}
	while (!stopping)
		turn(&l);
	relay_end();
	close(l.ep);
	close(listener);
}
