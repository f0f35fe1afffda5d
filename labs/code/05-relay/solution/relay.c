/* relay.c - carries bytes between two sockets that both may stop, end or break. */
#include "own.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* LAB-BEGIN 1: sessions (about 60 lines) */
static struct session *sessions;

static void end_close(struct end *e, bool by_reset)
{
	struct linger at_once = {1, 0};

	if (e->fd < 0)
		return;
	if (by_reset)
		setsockopt(e->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	loop_remove(e->session->loop, e->fd, e);
	close(e->fd);
	e->fd = -1;
}

static void session_close(struct session *s, bool by_reset)
{
	end_close(&s->client, by_reset);
	end_close(&s->target, by_reset);
	loop_not_soon(s->loop, &s->soon);
	*s->link = s->next;
	if (s->next)
		s->next->link = s->link;
	free(s);
}

static struct session *session_open(struct loop *l, int client, int target)
{
	struct session *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	s->loop = l;
	s->client = (struct end){.session = s, .fd = client};
	s->target = (struct end){.session = s, .fd = target};
	s->next = sessions;
	s->link = &sessions;
	if (s->next)
		s->next->link = &s->next;
	sessions = s;
	return s;
}

static int target_connect(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)target_port),
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (connect(fd, (struct sockaddr *)&a, sizeof a) < 0 && errno != EINPROGRESS) {
		close(fd);
		return -1;
	}
	return fd;
}
/* LAB-ELSE
LAB-END */

void relay_accept(struct loop *l, int client)
{
	/* LAB-BEGIN 1 */
	int target = target_connect();
	struct session *s = session_open(l, client, target);

	if (!s) {
		close(client);
		if (target >= 0)
			close(target);
		return;
	}
	if (target < 0 || loop_add(l, target, &s->target) < 0 || loop_add(l, client, &s->client) < 0)
		session_close(s, REFUSED_RESETS);
	/* LAB-ELSE
	(void)l;
	close(client);
	LAB-END */
}

/* LAB-BEGIN 2: one direction, as far as it goes (about 50 lines) */
enum moved { NOTHING, SOME, BROKEN };

static enum moved fill(struct end *from, struct buffer *b)
{
	int n;

	if (!from->may_read || from->ended || b->length == BUFFER)
		return NOTHING;
	n = buffer_fill(b, from->fd);
	if (n < 0 && errno != EAGAIN)
		return BROKEN;
	if (n < 0)
		from->may_read = false;
	from->ended = n == 0;
	return n > 0 ? SOME : NOTHING;
}

static enum moved drain(struct buffer *b, struct end *to)
{
	int n;

	if (!to->may_write || b->length == 0)
		return NOTHING;
	n = buffer_drain(b, to->fd);
	if (n < 0 && errno != EAGAIN)
		return BROKEN;
	if (n < 0)
		to->may_write = false;
	return n > 0 ? SOME : NOTHING;
}

/* The end of file follows the last byte. */
static void pass_end_on(const struct end *from, const struct buffer *b, struct end *to)
{
	if (!from->ended || b->length > 0 || to->told || !to->may_write)
		return;
	shutdown(to->fd, SHUT_WR);
	to->told = true;
}

static enum moved move(struct end *from, struct buffer *b, struct end *to, size_t *bytes)
{
	size_t before = b->length;
	enum moved in = fill(from, b), out;

	*bytes += b->length - before;
	out = in == BROKEN ? BROKEN : drain(b, to);
	pass_end_on(from, b, to);
	return out == BROKEN ? BROKEN : in == SOME || out == SOME ? SOME : NOTHING;
}
/* LAB-ELSE
LAB-END */

/* LAB-BEGIN 3: both directions, and what an event means (about 45 lines) */
static void session_move(struct session *s)
{
	size_t bytes = 0;

	while (bytes < SHARE) {
		enum moved up = move(&s->client, &s->up, &s->target, &bytes);
		enum moved down = up == BROKEN ? BROKEN : move(&s->target, &s->down, &s->client, &bytes);

		if (down == BROKEN) {
			session_close(s, true);
			return;
		}
		if (s->client.told && s->target.told) {
			session_close(s, false);
			return;
		}
		if (up == NOTHING && down == NOTHING)
			return;
	}
	loop_soon(s->loop, &s->soon);
}

static int error_of(const struct end *e)
{
	int error = 0;
	socklen_t n = sizeof error;

	getsockopt(e->fd, SOL_SOCKET, SO_ERROR, &error, &n);
	return error;
}
/* LAB-ELSE
LAB-END */

void relay_ready(struct end *e, uint32_t events)
{
	/* LAB-BEGIN 3 */
	int error = events & EPOLLERR ? error_of(e) : 0;

	if (error) {
		session_close(e->session, error == ECONNREFUSED ? REFUSED_RESETS : true);
		return;
	}
	if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP))
		e->may_read = true;
	if (events & EPOLLOUT)
		e->may_write = true;
	session_move(e->session);
	/* LAB-ELSE
	(void)e, (void)events;
	LAB-END */
}

void relay_again(struct soon *s)
{
	/* LAB-BEGIN 3 */
	session_move((struct session *)s);
	/* LAB-ELSE
	(void)s;
	LAB-END */
}

void relay_end(void)
{
	/* LAB-BEGIN 1 */
	while (sessions)
		session_close(sessions, false);
	/* LAB-ELSE
	LAB-END */
}
