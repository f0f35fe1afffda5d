/* upstream.c - tickets and connections do not know each other. All tickets stand in one line.
 * One function, match, brings the first of them and free connections together, and opens new
 * ones. */
#include "upstream.h"

#include "variant.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct ticket {
	struct upstream *upstream;
	struct ticket *next;
	bool fresh, full;
	void (*on)(void *arg, enum upstream_end end, int fd, bool reused);
	void *arg;
	struct timer *timer; /* late, or full */
};

struct link {
	struct upstream *upstream;
	struct link *next; /* of the free ones, oldest first; of those that connect */
	int fd;
	bool used;
	struct watch *watch;
	struct timer *timer;
};

struct upstream {
	struct loop *loop;
	int port, idle_ms, wait_ms, open, connecting;
	struct ticket *line;
	struct link *free, *opening;
	struct timer *soon;
};

static void on_soon(void *arg);

static void match_soon(struct upstream *u)
{
	if (!u->soon)
		u->soon = loop_timer(u->loop, 0, on_soon, u);
}

static void link_unlist(struct link **list, struct link *k)
{
	while (*list != k)
		list = &(*list)->next;
	*list = k->next;
	watch_end(k->watch);
	timer_end(k->timer);
	k->watch = NULL;
	k->timer = NULL;
}

static void link_close(struct link *k)
{
	k->upstream->open--;
	close(k->fd);
	match_soon(k->upstream);
	free(k);
}

static void ticket_unlist(struct ticket *t)
{
	struct ticket **at = &t->upstream->line;

	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	timer_end(t->timer);
}

static void ticket_tell(struct ticket *t, enum upstream_end end, int fd, bool reused)
{
	struct ticket copy = *t;

	ticket_unlist(t);
	free(t);
	copy.on(copy.arg, end, fd, reused);
}

/* ---- connections ---- */

static void on_free_ready(void *arg)
{
	struct link *k = arg;

	link_unlist(&k->upstream->free, k);
	link_close(k);
}

static void on_free_over(void *arg)
{
	struct link *k = arg;

	k->timer = NULL;
	on_free_ready(k);
}

static void link_is_free(struct link *k)
{
	struct upstream *u = k->upstream;
	struct link **end = &u->free;

	k->watch = loop_watch(u->loop, k->fd, LOOP_READ, on_free_ready, k);
	k->timer = loop_timer(u->loop, u->idle_ms, on_free_over, k);
	while (*end)
		end = &(*end)->next;
	k->next = NULL;
	*end = k;
	match_soon(u);
}

static void refused(struct upstream *u)
{
	int count = 0;

	for (struct ticket *t = u->line; t; t = t->next)
		count++;
	while (count-- > 0 && u->line) /* not those that ask again because of this */
		ticket_tell(u->line, UPSTREAM_REFUSED, -1, false);
}

static void on_opened(void *arg)
{
	struct link *k = arg;
	struct upstream *u = k->upstream;
	int error = 0;
	socklen_t size = sizeof error;

	getsockopt(k->fd, SOL_SOCKET, SO_ERROR, &error, &size);
	link_unlist(&u->opening, k);
	u->connecting--;
	if (!error) {
		link_is_free(k);
		return;
	}
	link_close(k);
	refused(u);
}

static bool link_open(struct upstream *u)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_port = htons((uint16_t)u->port),
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct link *k = calloc(1, sizeof *k);

	if (!k)
		return false;
	*k = (struct link){.upstream = u, .next = u->opening};
	k->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (k->fd >= 0 &&
	    (connect(k->fd, (struct sockaddr *)&a, sizeof a) == 0 || errno == EINPROGRESS))
		k->watch = loop_watch(u->loop, k->fd, LOOP_WRITE, on_opened, k);
	if (!k->watch) {
		if (k->fd >= 0)
			close(k->fd);
		free(k);
		return false;
	}
	u->opening = k;
	u->open++;
	u->connecting++;
	return true;
}

/* ---- together ---- */

static struct link *best(struct upstream *u, bool fresh)
{
	struct link *found = NULL;

	for (struct link *k = u->free; k; k = k->next)
		if ((!fresh || !k->used) && (!found || TAKE_NEWEST))
			found = k;
	return found;
}

static int count_line(const struct upstream *u)
{
	int n = 0;

	for (const struct ticket *t = u->line; t; t = t->next)
		n += !t->full;
	return n;
}

static int count_free(const struct upstream *u)
{
	int n = 0;

	for (const struct link *k = u->free; k; k = k->next)
		n++;
	return n;
}

static struct ticket *first_in_line(struct upstream *u)
{
	struct ticket *t = u->line;

	while (t && t->full)
		t = t->next;
	return t;
}

static void open_missing(struct upstream *u)
{
	struct ticket *t = first_in_line(u);
	struct link *k;

	if (t && t->fresh && u->open == MAX && (k = u->free)) {
		link_unlist(&u->free, k);
		link_close(k);
	}
	while (u->open < MAX && u->connecting < count_line(u))
		if (!link_open(u)) {
			refused(u);
			return;
		}
}

static void match(struct upstream *u)
{
	struct ticket *t;
	struct link *k;
	char byte;

	while ((t = first_in_line(u)) && (k = best(u, t->fresh))) {
		int fd = k->fd;
		bool used = k->used;

		link_unlist(&u->free, k);
		if (recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 || errno != EAGAIN) {
			link_close(k);
			continue;
		}
		free(k);
		ticket_tell(t, UPSTREAM_GOT, fd, used);
	}
	open_missing(u);
}

static void on_soon(void *arg)
{
	struct upstream *u = arg;

	u->soon = NULL;
	match(u);
}

static void on_ticket_timer(void *arg)
{
	struct ticket *t = arg;

	t->timer = NULL;
	ticket_tell(t, t->full ? UPSTREAM_FULL : UPSTREAM_LATE, -1, false);
}

/* ---- upstream.h ---- */

struct upstream *upstream_create(struct loop *l, int port, int idle_ms, int wait_ms)
{
	struct upstream *u = calloc(1, sizeof *u);

	if (u)
		*u = (struct upstream){
		    .loop = l, .port = port, .idle_ms = idle_ms, .wait_ms = wait_ms};
	return u;
}

void upstream_destroy(struct upstream *u)
{
	struct link *k;

	while ((k = u->free)) {
		link_unlist(&u->free, k);
		link_close(k);
	}
	while ((k = u->opening)) {
		link_unlist(&u->opening, k);
		link_close(k);
	}
	timer_end(u->soon);
	free(u);
}

struct ticket *upstream_get(struct upstream *u, bool fresh,
			    void (*on)(void *arg, enum upstream_end end, int fd, bool reused),
			    void *arg)
{
	struct ticket *t = calloc(1, sizeof *t), **end = &u->line;
	/* connections that those in line will have: free ones, and what may still be opened */
	int room = count_free(u) + u->connecting + MAX - u->open;

	if (!t)
		return NULL;
	*t = (struct ticket){.upstream = u,
			     .fresh = fresh,
			     .on = on,
			     .arg = arg,
			     .full = count_line(u) >= room + QUEUE};
	t->timer = loop_timer(u->loop, t->full ? 0 : u->wait_ms, on_ticket_timer, t);
	while (*end)
		end = &(*end)->next;
	*end = t;
	match_soon(u);
	return t;
}

void upstream_cancel(struct ticket *t)
{
	ticket_unlist(t);
	match_soon(t->upstream);
	free(t);
}

void upstream_put(struct upstream *u, int fd, bool reusable)
{
	struct link *k = calloc(1, sizeof *k);

	if (!k || !reusable) {
		u->open--;
		close(fd);
		free(k);
		match_soon(u);
		return;
	}
	*k = (struct link){.upstream = u, .fd = fd, .used = true};
	link_is_free(k);
}

struct upstream_numbers upstream_numbers(const struct upstream *u)
{
	return (struct upstream_numbers){u->open, count_free(u), count_line(u)};
}
