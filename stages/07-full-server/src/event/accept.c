#include "event/accept.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "event/loop.h"

/* Without multi_accept: still a few at a time, or a burst would pay one epoll_wait for each. */
enum { SINGLE_BATCH = 8 };

struct accept_stats accept_stats;

static struct list listeners;
static struct timer resume_timer;
static int64_t resume_after;
static bool paused;

static int listen_for_events(struct listener *l)
{
	return loop_add(l->fd, l->handle, EPOLLIN | (l->exclusive ? EPOLLEXCLUSIVE : 0));
}

static void pause_all(void)
{
	if (paused)
		return;
	log_errno(log_main, LOG_CRIT, "accept4");
	LIST_EACH(link, &listeners)
		loop_remove(CONTAINER_OF(link, struct listener, all)->fd);
	paused = true;
	timer_start(&resume_timer, resume_after);
}

static void resume_all(struct timer *t)
{
	(void)t;
	paused = false;
	LIST_EACH(link, &listeners)
		listen_for_events(CONTAINER_OF(link, struct listener, all));
}

static void refuse(int fd)
{
	static time_t last;

	close(fd);
	if (last == now.second)
		return;
	last = now.second;
	if (conn_lot_is_full())
		log_write(log_main, LOG_ALERT,
			  "%u of %u connections are closing, %u parked: newcomers are refused",
			  conn_stats.closing, conn_stats.size, conn_stats.parked);
	else
		log_write(log_main, LOG_ALERT, "%u worker_connections are not enough",
			  conn_stats.size);
}

static void newcomer(struct listener *l, int fd, const union peer *peer)
{
	struct conn *c = conn_admit(fd);

	accept_stats.accepted++;
	if (c == NULL) {
		refuse(fd);
		return;
	}
	accept_stats.handled++;
	c->peer = *peer;
	l->on_accept(l, c);
}

/* False: nobody waits, or accepting is paused. */
static bool accept_one(struct listener *l)
{
	union peer peer;
	socklen_t len = sizeof(peer);
	int fd = accept4(l->fd, &peer.any, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd >= 0) {
		newcomer(l, fd, &peer);
		return true;
	}
	if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
		pause_all();
	else if (errno == ECONNABORTED || errno == EINTR)
		return true;
	else if (errno != EAGAIN)
		log_errno(log_main, LOG_ALERT, "accept4");
	return false;
}

static void on_listener_readable(struct conn *c)
{
	struct listener *l = c->owner;

	for (int i = 0; i < SINGLE_BATCH || l->multi; i++)
		if (!accept_one(l))
			break;
}

static const struct conn_calls listener_calls = {.on_readable = on_listener_readable};

void accept_init(int64_t pause_ms)
{
	list_init(&listeners);
	timer_init(&resume_timer, resume_all);
	resume_timer.holds_exit = false;
	resume_after = pause_ms;
	paused = false;
}

int accept_start(struct listener *l)
{
	struct conn *c = conn_open(l->fd, &listener_calls, l);

	if (c == NULL)
		return -1;
	c->borrowed = true; /* the socket outlives this configuration, this process perhaps */
	l->handle = conn_handle(c);
	if (listen_for_events(l) < 0) {
		conn_close(c);
		return -1;
	}
	list_add_last(&listeners, &l->all);
	return 0;
}

void accept_stop(struct listener *l)
{
	struct conn *c = conn_from_handle(l->handle);

	if (c == NULL)
		return;
	if (!paused)
		loop_remove(l->fd); /* the open file stays in epoll as long as anybody has it */
	list_remove(&l->all);
	conn_close(c);
}
