/* upstream.c - connections to the backend: idle, connecting or in use, and tickets that wait. */
#include "upstream.h"

#include "variant.h" /* MAX QUEUE TAKE_NEWEST */

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* LAB-BEGIN 1: your structs (about 40 lines) */
/* Rings: the first member of what is in them. */
struct node {
	struct node *previous, *next;
};

enum where { CONNECTS, IN_LINE, READY };

/* READY: it will be told in the next turn; GOT: the connection is neither idle nor in use yet. */
struct ticket {
	struct node node; /* IN_LINE: of the line */
	struct upstream *upstream;
	void (*on)(void *arg, enum upstream_end end, int fd, bool reused);
	void *arg;
	bool fresh, reused;
	enum where where;
	enum upstream_end end;
	struct timer *timer; /* until it is late; READY: until the next turn */
	struct watch *watch; /* CONNECTS */
	int fd;              /* CONNECTS, READY with GOT */
};

struct idle {
	struct node node; /* the newest is the last */
	struct upstream *upstream;
	int fd;
	struct watch *watch;
	struct timer *timer;
};
/* LAB-ELSE
LAB-END */

struct upstream {
	struct loop *loop;
	int port, idle_ms, wait_ms;
	/* LAB-BEGIN 1: */
	struct node idle, line, connecting;
	struct upstream_numbers numbers;
	/* LAB-ELSE
	LAB-END */
};

/* LAB-BEGIN 1: rings, and how a ticket is told (about 45 lines) */
static void ring_init(struct node *ring)
{
	*ring = (struct node){ring, ring};
}

static void ring_add(struct node *ring, struct node *n)
{
	*n = (struct node){ring->previous, ring};
	n->previous->next = n->next->previous = n;
}

static void ring_remove(struct node *n)
{
	n->previous->next = n->next;
	n->next->previous = n->previous;
}

static void line_serve(struct upstream *u);

static void on_told(void *arg)
{
	struct ticket t = *(struct ticket *)arg;

	free(arg);
	t.on(t.arg, t.end, t.fd, t.reused);
}

/* Told in the next turn: upstream_get has returned then, and cancel is still possible. */
static void ready(struct ticket *t, enum upstream_end end, int fd, bool reused)
{
	timer_end(t->timer);
	if (t->where == IN_LINE)
		t->upstream->numbers.waiting--;
	if (t->where != READY)
		ring_remove(&t->node);
	t->where = READY;
	t->end = end;
	t->fd = fd;
	t->reused = reused;
	t->timer = loop_timer(t->upstream->loop, 0, on_told, t);
}

/* Closes a connection that is in no ring. */
static void drop(struct upstream *u, int fd)
{
	close(fd);
	u->numbers.open--;
}
/* LAB-ELSE
LAB-END */

/* LAB-BEGIN 2: idle connections (about 70 lines) */
/* An idle connection is silent. Bytes, an end of file or an error: it is of no use any more. */
static bool is_silent(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

/* Out of the ring; the connection is neither idle nor closed now. */
static int idle_take(struct idle *i)
{
	int fd = i->fd;

	ring_remove(&i->node);
	i->upstream->numbers.idle--;
	watch_end(i->watch);
	timer_end(i->timer);
	free(i);
	return fd;
}

static void on_idle_ready(void *arg)
{
	struct idle *i = arg;
	struct upstream *u = i->upstream;

	drop(u, idle_take(i));
}

static void on_idle_over(void *arg)
{
	struct idle *i = arg;
	struct upstream *u = i->upstream;

	i->timer = NULL;
	drop(u, idle_take(i));
}

static void idle_add(struct upstream *u, int fd)
{
	struct idle *i = calloc(1, sizeof *i);

	if (!i) {
		drop(u, fd);
		return;
	}
	*i = (struct idle){.upstream = u, .fd = fd};
	i->watch = loop_watch(u->loop, fd, LOOP_READ, on_idle_ready, i);
	i->timer = loop_timer(u->loop, u->idle_ms, on_idle_over, i);
	ring_add(&u->idle, &i->node);
	u->numbers.idle++;
	if (!i->watch || !i->timer)
		drop(u, idle_take(i));
}

/* One that is alive, as far as we can see now; -1: none. */
static int idle_get(struct upstream *u)
{
	while (u->idle.next != &u->idle) {
		struct node *n = TAKE_NEWEST ? u->idle.previous : u->idle.next;
		int fd = idle_take((struct idle *)n);

		if (is_silent(fd))
			return fd;
		drop(u, fd);
	}
	return -1;
}
/* LAB-ELSE
LAB-END */

/* LAB-BEGIN 1: a new connection (about 60 lines) */
/* The backend does not listen: those in line would wait for nothing. */
static void refused(struct ticket *t)
{
	struct upstream *u = t->upstream;

	ready(t, UPSTREAM_REFUSED, -1, false);
	while (u->line.next != &u->line)
		ready((struct ticket *)u->line.next, UPSTREAM_REFUSED, -1, false);
}

static void on_connected(void *arg)
{
	struct ticket *t = arg;
	int error = 0;
	socklen_t size = sizeof error;

	watch_end(t->watch);
	t->watch = NULL;
	getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &error, &size);
	if (error == 0) {
		ready(t, UPSTREAM_GOT, t->fd, false);
		return;
	}
	drop(t->upstream, t->fd);
	refused(t);
}

/* For a ticket that is in no ring. */
static void connect_for(struct ticket *t)
{
	struct upstream *u = t->upstream;
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_port = htons((uint16_t)u->port),
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	t->where = CONNECTS;
	ring_add(&u->connecting, &t->node);
	t->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (t->fd >= 0 &&
	    (connect(t->fd, (struct sockaddr *)&a, sizeof a) == 0 || errno == EINPROGRESS))
		t->watch = loop_watch(u->loop, t->fd, LOOP_WRITE, on_connected, t);
	if (t->watch) {
		u->numbers.open++;
		return;
	}
	if (t->fd >= 0)
		close(t->fd);
	refused(t);
}

static void connect_end(struct ticket *t)
{
	watch_end(t->watch);
	t->watch = NULL;
	drop(t->upstream, t->fd);
}
/* LAB-ELSE
LAB-END */

/* LAB-BEGIN 4: the line (about 45 lines) */
static void on_late(void *arg)
{
	struct ticket *t = arg;
	struct upstream *u = t->upstream;

	t->timer = NULL;
	if (t->where == CONNECTS)
		connect_end(t);
	ready(t, UPSTREAM_LATE, -1, false);
	line_serve(u);
}

static void line_add(struct ticket *t)
{
	t->where = IN_LINE;
	ring_add(&t->upstream->line, &t->node);
	t->upstream->numbers.waiting++;
}

/* There is room below MAX: connect for those in line. */
static void line_serve(struct upstream *u)
{
	while (u->line.next != &u->line && u->numbers.open < MAX) {
		struct ticket *t = (struct ticket *)u->line.next;

		ring_remove(&t->node);
		u->numbers.waiting--;
		connect_for(t);
	}
}
/* LAB-ELSE
LAB-END */

struct upstream *upstream_create(struct loop *l, int port, int idle_ms, int wait_ms)
{
	struct upstream *u = calloc(1, sizeof *u);

	if (!u)
		return NULL;
	u->loop = l;
	u->port = port;
	u->idle_ms = idle_ms;
	u->wait_ms = wait_ms;
	/* LAB-BEGIN 1: */
	ring_init(&u->idle);
	ring_init(&u->line);
	ring_init(&u->connecting);
	/* LAB-ELSE
	LAB-END */
	return u;
}

void upstream_destroy(struct upstream *u)
{
	/* LAB-BEGIN 2: */
	while (u->idle.next != &u->idle)
		drop(u, idle_take((struct idle *)u->idle.next));
	/* LAB-ELSE
	LAB-END */
	free(u);
}

struct ticket *upstream_get(struct upstream *u, bool fresh,
			    void (*on)(void *arg, enum upstream_end end, int fd, bool reused), void *arg)
{
	/* LAB-BEGIN 1: begin with a new connection for each (about 30 lines) */
	struct ticket *t = calloc(1, sizeof *t);
	int fd;

	if (!t)
		return NULL;
	*t = (struct ticket){.upstream = u, .on = on, .arg = arg, .fresh = fresh, .where = READY, .fd = -1};
	t->timer = loop_timer(u->loop, u->wait_ms, on_late, t);
	if (!t->timer) {
		free(t);
		return NULL;
	}
	fd = fresh ? -1 : idle_get(u);
	if (fresh && u->numbers.open == MAX && u->numbers.idle > 0)
		drop(u, idle_take((struct idle *)u->idle.next)); /* it makes room */
	if (fd >= 0)
		ready(t, UPSTREAM_GOT, fd, true);
	else if (u->numbers.open < MAX)
		connect_for(t);
	else if (u->numbers.waiting < QUEUE)
		line_add(t);
	else
		ready(t, UPSTREAM_FULL, -1, false);
	return t;
	/* LAB-ELSE
	(void)u, (void)fresh, (void)on, (void)arg;
	return NULL;
	LAB-END */
}

void upstream_cancel(struct ticket *t)
{
	/* LAB-BEGIN 6: where is it now? (about 20 lines) */
	struct upstream *u = t->upstream;
	int fd = t->where == READY && t->end == UPSTREAM_GOT ? t->fd : -1;

	timer_end(t->timer);
	if (t->where == CONNECTS)
		connect_end(t);
	if (t->where == IN_LINE)
		u->numbers.waiting--;
	if (t->where != READY)
		ring_remove(&t->node);
	free(t);
	if (fd >= 0)
		upstream_put(u, fd, true); /* it was not used */
	line_serve(u);
	/* LAB-ELSE
	(void)t;
	LAB-END */
}

void upstream_put(struct upstream *u, int fd, bool reusable)
{
	/* LAB-BEGIN 2: closed, for the next in line, or idle? (about 15 lines) */
	struct ticket *first = u->line.next == &u->line ? NULL : (struct ticket *)u->line.next;

	if (!reusable || !is_silent(fd) || (first && first->fresh)) {
		drop(u, fd);
		line_serve(u);
	} else if (first) {
		ready(first, UPSTREAM_GOT, fd, true);
	} else {
		idle_add(u, fd);
	}
	/* LAB-ELSE
	(void)u, (void)reusable;
	close(fd);
	LAB-END */
}

struct upstream_numbers upstream_numbers(const struct upstream *u)
{
	/* LAB-BEGIN 1: */
	return u->numbers;
	/* LAB-ELSE
	(void)u;
	return (struct upstream_numbers){0};
	LAB-END */
}
