#include "modules/upstream/link.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "mem/alloc.h"

/* ---- idle connections */

/* Returns true when the connection can be used. The socket of an idle connection must have
 * nothing to read. Unexpected bytes, or the end of the connection, make it unusable. */
static bool is_alive(const struct link *l)
{
	char byte;
	ssize_t got;

	do
		got = recv(l->conn->fd, &byte, 1, MSG_PEEK);
	while (got < 0 && errno == EINTR);
	return got < 0 && errno == EAGAIN;
}

static void on_idle_readable(struct conn *c)
{
	struct link *l = c->owner;

	if (is_alive(l))
		c->may_read = false;
	else
		link_close(l);
}

static void close_it(struct conn *c)
{
	link_close(c->owner);
}

static const struct conn_calls idle_calls = {
    .on_readable = on_idle_readable, .on_timeout = close_it, .on_reuse = close_it};

static const struct conn_calls quiet_calls = {0};

static void leave_idle(struct link *l)
{
	list_remove(&l->by_age);
	list_remove(&l->same);
	l->server->idle_count--;
	l->upstream->idle_count--;
	upstream_stats.idle--;
}

static bool is_from(const struct link *l, const struct address *bind)
{
	if (l->bind == NULL || bind == NULL)
		return l->bind == bind;
	return address_equal(l->bind, bind);
}

struct link *link_idle(struct upstream_use *use, struct backend *s)
{
	LIST_EACH(at, &s->idle) {
		struct link *l = CONTAINER_OF(at, struct link, same);

		if (!is_from(l, use->bind))
			continue;
		if (!is_alive(l)) {
			link_close(l);
			continue;
		}
		leave_idle(l);
		timer_stop(&l->conn->timer);
		conn_set_reusable(l->conn, false);
		l->conn->calls = &quiet_calls;
		return l;
	}
	return NULL;
}

/* If the last read has emptied the socket, there is nothing to read: epoll would have reported
 * new bytes. Otherwise is_alive has to look. */
static bool is_quiet(const struct link *l)
{
	return (!l->conn->may_read && !l->conn->peer_done) || is_alive(l);
}

static bool may_stay(const struct link *l)
{
	const struct upstream *u = l->upstream;

	return u->keepalive > 0 && l->requests < u->keepalive_requests &&
	       now.ms - l->opened < u->keepalive_time && is_quiet(l);
}

void link_keep(struct link *l)
{
	struct upstream *u = l->upstream;

	if (!may_stay(l)) {
		link_close(l);
		return;
	}
	if (u->idle_count >= u->keepalive)
		link_close(CONTAINER_OF(u->idle.next, struct link, by_age));
	l->use = NULL;
	l->conn->calls = &idle_calls;
	l->conn->owner = l;
	l->conn->may_read = false;
	list_add_last(&u->idle, &l->by_age);
	list_add_first(&l->server->idle, &l->same);
	l->server->idle_count++;
	u->idle_count++;
	upstream_stats.idle++;
	l->conn->timer.holds_exit = false;
	timer_start(&l->conn->timer, u->keepalive_timeout);
	conn_set_reusable(l->conn, true);
}

static void forget(struct link *l)
{
	if (l->bind != NULL)
		alloc_give(&alloc_main, l->bind, sizeof(*l->bind));
	alloc_give(&alloc_main, l, sizeof(*l));
}

void link_close(struct link *l)
{
	if (l->use == NULL)
		leave_idle(l);
	conn_close(l->conn);
	forget(l);
}

void links_make_room(struct upstream *u, struct backend *s)
{
	while (u->pool_max > 0 && s->idle_count > 0 && s->busy + s->idle_count > u->pool_max)
		link_close(CONTAINER_OF(s->idle.prev, struct link, same));
}

void links_close_idle(struct upstream *u)
{
	while (!list_is_empty(&u->idle))
		link_close(CONTAINER_OF(u->idle.next, struct link, by_age));
}

/* ---- new connections */

enum upstream_answer link_answer(int error)
{
	switch (error) {
	case ECONNREFUSED:
	case ENOENT: /* the file of the unix socket does not exist */
		return UPSTREAM_REFUSED;
	case EHOSTUNREACH:
	case ENETUNREACH:
	case EHOSTDOWN:
	case ENETDOWN:
		return UPSTREAM_UNREACHABLE;
	case ETIMEDOUT:
		return UPSTREAM_TIMED_OUT;
	default:
		return net_is_own_fault(error) ? UPSTREAM_NO_RESOURCES : UPSTREAM_RESET;
	}
}

static void on_connect_timeout(struct conn *c)
{
	link_failed(c->owner, UPSTREAM_TIMED_OUT, ETIMEDOUT);
}

static void on_writable(struct conn *c)
{
	int error = conn_connected(c);

	if (error == EINPROGRESS)
		return;
	if (error != 0) {
		link_failed(c->owner, link_answer(error), error);
		return;
	}
	timer_stop(&c->timer);
	c->calls = &quiet_calls;
	link_connected(c->owner);
}

static const struct conn_calls connecting_calls = {.on_writable = on_writable,
						   .on_timeout = on_connect_timeout};

static struct link *link_create(struct upstream_use *use, struct backend *s)
{
	struct link *l = alloc_take(&alloc_main, sizeof(*l));

	if (l == NULL)
		return NULL;
	*l = (struct link){.upstream = use->upstream, .server = s, .use = use, .opened = now.ms};
	if (use->bind == NULL)
		return l;
	l->bind = alloc_take(&alloc_main, sizeof(*l->bind));
	if (l->bind == NULL) {
		forget(l);
		return NULL;
	}
	*l->bind = *use->bind;
	return l;
}

static struct link *give_up(struct link *l, int error)
{
	if (l->conn != NULL)
		conn_close(l->conn);
	forget(l);
	errno = error;
	return NULL;
}

struct link *link_open(struct upstream_use *use, struct backend *s)
{
	struct link *l = link_create(use, s);

	if (l == NULL)
		return NULL;
	l->conn = conn_connect(&s->address, l->bind, &connecting_calls, l);
	if (l->conn == NULL)
		return give_up(l, errno);
	if (conn_watch(l->conn) < 0)
		return give_up(l, ENOMEM);
	if (l->conn->connecting)
		timer_start(&l->conn->timer, use->connect_timeout);
	else
		l->conn->calls = &quiet_calls;
	return l;
}
