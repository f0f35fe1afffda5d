/* upstream.c - a table of MAX slots, and a line in an array. */
#include "upstream.h"

#include "variant.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct slot {
	enum { EMPTY, CONNECTING, IDLE, IN_USE } state;
	struct upstream *upstream;
	int fd;
	unsigned long idle_number; /* they grow */
	struct watch *watch;
	struct timer *timer;
	struct ticket *ticket; /* CONNECTING: for this one; NULL: it was cancelled */
};

struct ticket {
	struct upstream *upstream;
	bool fresh;
	void (*on)(void *arg, enum upstream_end end, int fd, bool reused);
	void *arg;
	struct timer *late, *soon;
	enum upstream_end end; /* with SOON */
	int fd;
	bool reused;
};

struct upstream {
	struct loop *loop;
	int port, idle_ms, wait_ms;
	struct slot slots[MAX];
	struct ticket *line[QUEUE];
	int waiting;
	unsigned long idle_count;
};

static void serve(struct upstream *u);

/* ---- tickets ---- */

static void tell(void *arg)
{
	struct ticket t = *(struct ticket *)arg;

	free(arg);
	t.on(t.arg, t.end, t.fd, t.reused);
}

static void decided(struct ticket *t, enum upstream_end end, int fd, bool reused)
{
	timer_end(t->late);
	t->late = NULL;
	t->end = end;
	t->fd = fd;
	t->reused = reused;
	t->soon = loop_timer(t->upstream->loop, 0, tell, t);
}

static void line_remove(struct upstream *u, int i)
{
	u->waiting--;
	memmove(&u->line[i], &u->line[i + 1], (size_t)(u->waiting - i) * sizeof u->line[0]);
}

static int place_in_line(const struct ticket *t)
{
	struct upstream *u = t->upstream;

	for (int i = 0; i < u->waiting; i++)
		if (u->line[i] == t)
			return i;
	return -1;
}

/* ---- slots ---- */

static struct slot *slot_find(struct upstream *u, int state)
{
	struct slot *found = NULL;

	for (struct slot *s = u->slots; s < u->slots + MAX; s++) {
		if ((int)s->state != state)
			continue;
		if (!found || (TAKE_NEWEST ? s->idle_number > found->idle_number
					   : s->idle_number < found->idle_number))
			found = s;
	}
	return found;
}

static struct slot *slot_of(struct upstream *u, int fd)
{
	struct slot *s = u->slots;

	while (s->state == EMPTY || s->fd != fd)
		s++;
	return s;
}

static void slot_quiet(struct slot *s)
{
	watch_end(s->watch);
	timer_end(s->timer);
	s->watch = NULL;
	s->timer = NULL;
}

static void slot_empty(struct slot *s)
{
	slot_quiet(s);
	close(s->fd);
	s->state = EMPTY;
	s->ticket = NULL;
}

static bool spoilt(int fd)
{
	char c;
	ssize_t n = recv(fd, &c, 1, MSG_PEEK | MSG_DONTWAIT);

	return n >= 0 || errno != EAGAIN;
}

static void on_idle(void *arg)
{
	slot_empty(arg);
}

static void on_idle_timer(void *arg)
{
	struct slot *s = arg;

	s->timer = NULL;
	slot_empty(s);
}

/* A connection that is good and free: for the first in line, or to keep. */
static void slot_free(struct slot *s)
{
	struct upstream *u = s->upstream;

	slot_quiet(s);
	if (u->waiting > 0) {
		struct ticket *t = u->line[0];

		if (t->fresh) {
			slot_empty(s);
			serve(u);
			return;
		}
		line_remove(u, 0);
		s->state = IN_USE;
		decided(t, UPSTREAM_GOT, s->fd, true);
		return;
	}
	s->state = IDLE;
	s->idle_number = ++u->idle_count;
	s->watch = loop_watch(u->loop, s->fd, LOOP_READ, on_idle, s);
	s->timer = loop_timer(u->loop, u->idle_ms, on_idle_timer, s);
	if (!s->watch || !s->timer)
		slot_empty(s);
}

static void all_refused(struct upstream *u, struct ticket *t)
{
	if (t)
		decided(t, UPSTREAM_REFUSED, -1, false);
	for (; u->waiting > 0; line_remove(u, 0))
		decided(u->line[0], UPSTREAM_REFUSED, -1, false);
}

static void on_connected(void *arg)
{
	struct slot *s = arg;
	struct ticket *t = s->ticket;
	int error = 0;
	socklen_t size = sizeof error;

	getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &size);
	if (error) {
		slot_empty(s);
		all_refused(s->upstream, t);
		return;
	}
	s->ticket = NULL;
	if (!t) {
		slot_free(s);
		return;
	}
	slot_quiet(s);
	s->state = IN_USE;
	decided(t, UPSTREAM_GOT, s->fd, false);
}

static void slot_connect(struct slot *s, struct ticket *t)
{
	struct upstream *u = s->upstream;
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)u->port)};

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd < 0 ||
	    (connect(s->fd, (struct sockaddr *)&a, sizeof a) < 0 && errno != EINPROGRESS) ||
	    !(s->watch = loop_watch(u->loop, s->fd, LOOP_WRITE, on_connected, s))) {
		if (s->fd >= 0)
			close(s->fd);
		all_refused(u, t);
		return;
	}
	s->state = CONNECTING;
	s->ticket = t;
}

static void serve(struct upstream *u)
{
	struct slot *s;

	while (u->waiting > 0 && (s = slot_find(u, EMPTY))) {
		struct ticket *t = u->line[0];

		line_remove(u, 0);
		slot_connect(s, t);
	}
}

static void on_late(void *arg)
{
	struct ticket *t = arg;
	struct upstream *u = t->upstream;
	int i = place_in_line(t);

	t->late = NULL;
	if (i >= 0)
		line_remove(u, i);
	for (struct slot *s = u->slots; s < u->slots + MAX; s++)
		if (s->state == CONNECTING && s->ticket == t)
			slot_empty(s);
	decided(t, UPSTREAM_LATE, -1, false);
	serve(u);
}

/* ---- upstream.h ---- */

struct upstream *upstream_create(struct loop *l, int port, int idle_ms, int wait_ms)
{
	struct upstream *u = calloc(1, sizeof *u);

	if (!u)
		return NULL;
	u->loop = l;
	u->port = port;
	u->idle_ms = idle_ms;
	u->wait_ms = wait_ms;
	for (int i = 0; i < MAX; i++)
		u->slots[i].upstream = u;
	return u;
}

void upstream_destroy(struct upstream *u)
{
	for (struct slot *s = u->slots; s < u->slots + MAX; s++)
		if (s->state != EMPTY)
			slot_empty(s);
	free(u);
}

struct ticket *upstream_get(struct upstream *u, bool fresh,
			    void (*on)(void *arg, enum upstream_end end, int fd, bool reused),
			    void *arg)
{
	struct ticket *t = calloc(1, sizeof *t);
	struct slot *s;

	if (!t)
		return NULL;
	*t = (struct ticket){.upstream = u, .fresh = fresh, .on = on, .arg = arg};
	t->late = loop_timer(u->loop, u->wait_ms, on_late, t);
	while (!fresh && (s = slot_find(u, IDLE))) {
		if (spoilt(s->fd)) {
			slot_empty(s);
			continue;
		}
		slot_quiet(s);
		s->state = IN_USE;
		decided(t, UPSTREAM_GOT, s->fd, true);
		return t;
	}
	if (!slot_find(u, EMPTY) && (s = slot_find(u, IDLE)))
		slot_empty(s);
	if ((s = slot_find(u, EMPTY)))
		slot_connect(s, t);
	else if (u->waiting < QUEUE)
		u->line[u->waiting++] = t;
	else
		decided(t, UPSTREAM_FULL, -1, false);
	return t;
}

void upstream_cancel(struct ticket *t)
{
	struct upstream *u = t->upstream;
	int i = place_in_line(t);

	if (i >= 0)
		line_remove(u, i);
	for (struct slot *s = u->slots; s < u->slots + MAX; s++)
		if (s->state == CONNECTING && s->ticket == t)
			s->ticket = NULL; /* it goes on, for the next ticket */
	if (t->soon && t->end == UPSTREAM_GOT)
		upstream_put(u, t->fd, true);
	timer_end(t->late);
	timer_end(t->soon);
	free(t);
}

void upstream_put(struct upstream *u, int fd, bool reusable)
{
	struct slot *s = slot_of(u, fd);

	if (reusable && !spoilt(fd)) {
		slot_free(s);
		return;
	}
	slot_empty(s);
	serve(u);
}

struct upstream_numbers upstream_numbers(const struct upstream *u)
{
	struct upstream_numbers n = {.waiting = u->waiting};

	for (const struct slot *s = u->slots; s < u->slots + MAX; s++) {
		n.open += s->state != EMPTY;
		n.idle += s->state == IDLE;
	}
	return n;
}
