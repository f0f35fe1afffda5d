#include "event/accept.h"

#include <errno.h>
#include <limits.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "event/loop.h"
#include "mem/shmutex.h"

enum {
	SINGLE_BATCH = 8, /* without multi_accept: a burst would pay one epoll_wait for each */
	TURN_LENGTH = 16, /* newcomers until others come first */
	WAITING_MOST = 1024,
};

struct accept_stats accept_stats;

static struct list listeners;
static uint32_t shared_count;

static struct shmutex *mutex;
static int64_t delay;
static bool held; /* the mutex is ours */

static bool paused; /* no descriptors */
static struct timer resume_timer;
static bool full; /* no slots */

static int64_t disabled; /* positive: few slots are free; so many turns we do not compete */
static int64_t disabled_until;

/* ---- in epoll or not */

static void set_listening(struct listener *l, bool listening)
{
	uint32_t exclusive = l->shared && mutex == NULL ? EPOLLEXCLUSIVE : 0;

	if (l->listening == listening)
		return;
	if (listening) {
		l->listening = loop_add(l->fd, l->handle, EPOLLIN | exclusive) == 0;
	} else {
		loop_remove(l->fd); /* it stays in epoll as long as anybody has it open */
		l->listening = false;
	}
}

static bool may_listen(const struct listener *l)
{
	return !paused && (!l->shared || (!full && (mutex == NULL || held)));
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
	timer_start(&resume_timer, delay);
}

static void resume_all(struct timer *t)
{
	(void)t;
	paused = false;
	update_all();
}

/* An idle connection is room, too: it is closed for a newcomer. */
static bool has_room(void)
{
	return !conn_lot_is_full() &&
	       (conn_stats.used < conn_stats.size || conn_stats.reusable > 0);
}

/* It leaves before it sleeps, so that nobody is sent to it in vain: the kernel wakes another. */
static void look_for_room(void)
{
	if (full != has_room())
		return;
	full = !full;
	update_all();
}

/* ---- newcomers */

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

int64_t accept_disabled(uint32_t slots, uint32_t free)
{
	return (int64_t)(slots / 8) - free;
}

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
	disabled = accept_disabled(conn_stats.size, conn_stats.size - conn_stats.used);
	disabled_until = now.ms + delay;
	c = conn_admit(fd, &newcomer_calls, l);
	if (c == NULL) {
		refuse(fd);
		return;
	}
	accept_stats.handled++;
	c->peer = *peer;
	if (held)
		conn_post(c); /* its request would keep the lock from the others */
	else
		l->on_accept(l, c);
}

/* False: nobody waits, or we may not accept. */
static bool accept_one(struct listener *l)
{
	union peer peer;
	socklen_t len = sizeof(peer);
	int fd;

	if (l->shared && !has_room())
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

static int accept_some(struct listener *l, int most)
{
	int count = 0;

	while (count < most && accept_one(l))
		count++;
	return count;
}

/* To the end of the line of those whom the kernel would wake. */
static void give_way(struct listener *l, int newcomers)
{
	l->in_turn += newcomers;
	if (!l->listening || (l->in_turn < TURN_LENGTH && disabled <= 0))
		return;
	l->in_turn = 0;
	set_listening(l, false);
	set_listening(l, true);
}

static void on_listener_readable(struct conn *c)
{
	struct listener *l = c->owner;
	int newcomers = accept_some(l, l->multi ? INT_MAX : SINGLE_BATCH);

	if (l->shared && mutex == NULL && newcomers > 0)
		give_way(l, newcomers);
}

static const struct conn_calls listener_calls = {.on_readable = on_listener_readable};

/* ---- for the process */

void accept_init(int64_t delay_ms, struct shmutex *between_all)
{
	list_init(&listeners);
	timer_init(&resume_timer, resume_all);
	resume_timer.holds_exit = false;
	delay = delay_ms;
	mutex = between_all;
	paused = full = held = false;
	shared_count = 0;
	disabled = 0;
}

int accept_start(struct listener *l)
{
	struct conn *c = conn_open(l->fd, &listener_calls, l);

	if (c == NULL)
		return -1;
	c->borrowed = true; /* the socket outlives this configuration, this process perhaps */
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

/* ---- for the loop */

/* A while at most: one that is idle takes minutes for as many turns. */
static bool stands_back(void)
{
	if (disabled <= 0 || now.ms >= disabled_until)
		return false;
	disabled--;
	return true;
}

int accept_before_wait(int wait)
{
	if (shared_count == 0)
		return wait;
	look_for_room();
	if (mutex == NULL)
		return wait;
	held = !paused && !full && !stands_back() && shmutex_trylock(mutex);
	update_all();
	return held || (wait >= 0 && wait < delay) ? wait : (int)delay;
}

bool accept_holds_lock(void)
{
	return held;
}

void accept_release_lock(void)
{
	held = false;
	shmutex_unlock(mutex);
}

bool accept_is_listener(uint64_t handle)
{
	const struct conn *c = conn_from_handle(handle);

	return c != NULL && c->calls == &listener_calls;
}
