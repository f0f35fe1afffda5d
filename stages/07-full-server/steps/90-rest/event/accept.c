#include "event/accept.h"

#include <errno.h>
#include <limits.h>
#include <sys/socket.h>
#include <unistd.h>

#include "event/epoll.h"
#include "log.h"

enum {
	SINGLE_BATCH = 8, /* a burst would pay one epoll_wait for each */
	PAUSE = 500,      /* ms until we look again for a descriptor */
};

static void set_listening(struct listener *l, bool listening)
{
	if (l->listening == listening)
		return;
	if (listening) {
		l->listening = epoll_add(l->fd, l->handle, EPOLLIN | EPOLLEXCLUSIVE) == 0;
	} else {
		/* otherwise it stays in epoll as long as another process has it open */
		epoll_remove(l->fd);
		l->listening = false;
	}
}

/* The slot's own timer ends the pause. */
static void pause_listening(struct listener *l)
{
	log_errno("accept4", l->fd);
	set_listening(l, false);
	timer_start(&conn_from_handle(l->handle)->timer, PAUSE);
}

static void newcomer(struct listener *l, int fd)
{
	struct conn *c = conn_open(fd, NULL, l);

	if (c != NULL) {
		l->on_accept(c);
		return;
	}
	close(fd);
	log_line("%u connections are not enough", (unsigned)conn_stats.size);
}

/* False: no client waits, or accept4 failed and we pause. */
static bool accept_one(struct listener *l)
{
	int fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd >= 0) {
		newcomer(l, fd);
		return true;
	}
	if (errno == ECONNABORTED || errno == EINTR)
		return true;
	if (errno != EAGAIN)
		pause_listening(l);
	return false;
}

static void accept_some(struct listener *l, int most)
{
	while (most > 0 && accept_one(l))
		most--;
}

static void on_listener_readable(struct conn *c)
{
	accept_some(c->owner, SINGLE_BATCH);
}

static void on_pause_over(struct conn *c)
{
	set_listening(c->owner, true);
}

static const struct conn_calls listener_calls = {.on_readable = on_listener_readable,
						 .on_timeout = on_pause_over};

int accept_start(struct listener *l)
{
	struct conn *c = conn_open(l->fd, &listener_calls, l);

	if (c == NULL)
		return -1;
	c->borrowed = true; /* the code that opened the socket closes it */
	l->handle = conn_handle(c);
	set_listening(l, true);
	if (l->listening)
		return 0;
	conn_close(c);
	return -1;
}

void accept_waiting(struct listener *l)
{
	accept_some(l, INT_MAX);
}

void accept_stop(struct listener *l)
{
	set_listening(l, false);
	conn_close(conn_from_handle(l->handle));
}
