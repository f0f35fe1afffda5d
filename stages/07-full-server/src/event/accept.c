#include "event/accept.h"

#include <errno.h>
#include <limits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "event/epoll.h"

enum {
	/* the most connections per turn without multi_accept; with only one connection per
	 * turn, each connection would cost a call of epoll_wait */
	SINGLE_BATCH = 8,
	WAITING_MOST = 1024,
};

struct accept_stats accept_stats;

static struct list listeners;
static uint32_t shared_count;

static bool paused; /* no descriptor was free, so the listeners are not in epoll */
static struct timer resume_timer;
static int64_t pause_length;

static const struct accept_rules *rules;
static bool shared_may_listen;

/* ---- adding listeners to epoll and removing them */

static void set_listening(struct listener *l, bool listening)
{
	uint32_t exclusive = l->shared && rules->exclusive ? EPOLLEXCLUSIVE : 0;

	if (l->listening == listening)
		return;
	if (listening) {
		l->listening = epoll_add(l->fd, l->handle, EPOLLIN | exclusive) == 0;
		/* no event reports when adding works again, so the timer tries again */
		if (!l->listening)
			timer_start(&resume_timer, pause_length);
	} else {
		/* remove the socket before the close: otherwise epoll reports the socket as
		 * long as another process has it open */
		epoll_remove(l->fd);
		l->listening = false;
	}
}

static bool may_listen(const struct listener *l)
{
	return !paused && (!l->shared || shared_may_listen);
}

static void update_all(void)
{
	LIST_EACH(link, &listeners) {
		struct listener *l = CONTAINER_OF(link, struct listener, all);

		set_listening(l, may_listen(l));
	}
}

static void pause_all(void)
{
	if (paused)
		return;
	log_errno(log_main, LOG_CRIT, "accept4");
	paused = true;
	update_all();
	timer_start(&resume_timer, pause_length);
}

static void resume_all(struct timer *t)
{
	paused = false;
	update_all();
}

void accept_let_shared(bool listen)
{
	if (shared_may_listen == listen)
		return;
	shared_may_listen = listen;
	update_all();
}

void accept_go_last(struct listener *l)
{
	if (!l->listening)
		return;
	set_listening(l, false);
	set_listening(l, true);
}

/* ---- new connections */

static void refuse(int fd)
{
	static time_t last;
	unsigned long long size = conn_stats.size;

	close(fd);
	if (last == now.second)
		return;
	last = now.second;
	if (conn_lot_is_full())
		log_write(
		    log_main, LOG_ALERT,
		    "%llu of %llu connections are closing, %llu parked: newcomers are refused",
		    (unsigned long long)conn_stats.closing, size,
		    (unsigned long long)conn_stats.parked);
	else
		log_write(log_main, LOG_ALERT, "%llu worker_connections are not enough", size);
}

/* Returns true if a new connection can get a slot. An idle connection counts as a free slot,
 * because the server can close it. */
bool accept_has_room(void)
{
	return !conn_lot_is_full() &&
	       (conn_stats.used < conn_stats.size || conn_stats.reusable > 0);
}

/*
 * Called at the end of the turn, so on_accept reads later than the connection was accepted.
 * While the other events were handled, the client had time to send its request. So the first
 * read nearly always finds the request, and most connections with one request are never
 * registered in epoll.
 */
static void on_posted(struct conn *c)
{
	struct listener *l = c->owner;

	l->on_accept(l, c);
}

static const struct conn_calls newcomer_calls = {.on_posted = on_posted};

static void newcomer(struct listener *l, int fd, const union peer *peer)
{
	struct conn *c;

	accept_stats.accepted++;
	rules->before_newcomer(l);
	c = conn_admit(fd, &newcomer_calls, l);
	if (c == NULL) {
		refuse(fd);
		return;
	}
	accept_stats.handled++;
	c->peer = *peer;
	conn_post(c);
}

/* Accepts one connection. Returns false if the queue is empty, or if this process may not
 * accept now. */
static bool accept_one(struct listener *l)
{
	union peer peer;
	socklen_t len = sizeof(peer);
	int fd;

	if (l->shared && !accept_has_room())
		return false;
	fd = accept4(l->fd, &peer.any, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
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

static void accept_some(struct listener *l, int most)
{
	while (most > 0 && accept_one(l))
		most--;
}

static void on_listener_readable(struct conn *c)
{
	struct listener *l = c->owner;

	accept_some(l, l->multi ? INT_MAX : SINGLE_BATCH);
	rules->after_newcomers(l);
}

static const struct conn_calls listener_calls = {.on_readable = on_listener_readable};

/* ---- starting and stopping */

static void no_rule(struct listener *l)
{
}

static const struct accept_rules no_rules = {.before_newcomer = no_rule,
					     .after_newcomers = no_rule};

void accept_init(int64_t pause_ms)
{
	list_init(&listeners);
	timer_init(&resume_timer, resume_all);
	resume_timer.holds_exit = false;
	pause_length = pause_ms;
	paused = false;
	shared_may_listen = true;
	shared_count = 0;
	rules = &no_rules;
}

void accept_follow(const struct accept_rules *r)
{
	rules = r;
}

int accept_start(struct listener *l)
{
	struct conn *c = conn_open(l->fd, &listener_calls, l);

	if (c == NULL)
		return -1;
	/* conn_close must not close the socket: it stays open longer than this configuration,
	 * and perhaps longer than this process */
	c->borrowed = true;
	l->handle = conn_handle(c);
	set_listening(l, may_listen(l));
	if (may_listen(l) && !l->listening) {
		conn_close(c);
		return -1;
	}
	list_add_last(&listeners, &l->all);
	shared_count += l->shared;
	return 0;
}

void accept_waiting(struct listener *l)
{
	accept_some(l, WAITING_MOST);
}

void accept_stop(struct listener *l)
{
	struct conn *c = conn_from_handle(l->handle);

	if (c == NULL)
		return;
	set_listening(l, false);
	list_remove(&l->all);
	shared_count -= l->shared;
	conn_close(c);
}

/* ---- questions from other files */

bool accept_has_shared(void)
{
	return shared_count > 0;
}

bool accept_is_paused(void)
{
	return paused;
}

bool accept_is_listener(uint64_t handle)
{
	const struct conn *c = conn_from_handle(handle);

	return c != NULL && c->calls == &listener_calls;
}
