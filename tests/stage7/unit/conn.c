/* The connection table: events of a batch never reach the next owner of a slot. */
#include "event/conn.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "event/loop.h"
#include "event/watch.h"
#include "unit.h"

static bool no_memory; /* the kernel's, for epoll */

int epoll_ctl(int poller, int operation, int fd, struct epoll_event *event)
{
	if (!no_memory)
		return (int)syscall(SYS_epoll_ctl, poller, operation, fd, event);
	errno = ENOMEM;
	return -1;
}

static struct conn *victim, *newcomer;
static int called_for_newcomer, reuse_count = 1;

static void must_not_be_called(struct conn *c)
{
	(void)c;
	called_for_newcomer++;
}

static const struct conn_calls newcomer_calls = {.on_readable = must_not_be_called,
						 .on_writable = must_not_be_called};

/* In one batch: the first event closes the second's connection, and others take its slot. */
static void close_the_other(struct conn *c)
{
	struct conn *slot = victim;

	if (victim == NULL)
		return;
	conn_close(victim);
	victim = NULL;
	for (int i = 0; i < reuse_count; i++) {
		newcomer = conn_open(dup(c->fd), &newcomer_calls, NULL);
		CHECK(newcomer == slot);
		if (i < reuse_count - 1)
			conn_close(newcomer);
	}
}

static const struct conn_calls closing_calls = {.on_readable = close_the_other};

static void stale_events(int times)
{
	uint64_t handles[2];
	struct conn *killer;

	reuse_count = times;
	called_for_newcomer = 0;
	conn_table_init(4);
	killer = conn_open(dup(0), &closing_calls, NULL);
	victim = conn_open(dup(0), &newcomer_calls, NULL);
	handles[0] = conn_handle(killer);
	handles[1] = conn_handle(victim);
	conn_dispatch(handles[0], EPOLLIN);
	conn_dispatch(handles[1], EPOLLIN | EPOLLOUT);
	CHECK_NUMBER(0, called_for_newcomer);
	CHECK_NUMBER(1, conn_stats.stale);
	CHECK(conn_from_handle(handles[1]) == NULL);
	CHECK(conn_from_handle(conn_handle(newcomer)) == newcomer);
	conn_table_fini();
}

/* One connection's reader closes itself: its own writer must not hear of it. */
static void close_itself(struct conn *c)
{
	conn_close(c);
	newcomer = conn_open(dup(0), &newcomer_calls, NULL);
	CHECK(newcomer == c);
}

static const struct conn_calls self_closing = {.on_readable = close_itself,
					       .on_writable = must_not_be_called};

static void reader_closes(void)
{
	called_for_newcomer = 0;
	conn_table_init(4);
	conn_dispatch(conn_handle(conn_open(dup(0), &self_closing, NULL)), EPOLLIN | EPOLLOUT);
	CHECK_NUMBER(0, called_for_newcomer);
	conn_table_fini();
}

static void on_reuse(struct conn *c)
{
	conn_close(c);
}

static const struct conn_calls idle_calls = {.on_reuse = on_reuse};

static void full_table(void)
{
	struct conn *c[16];

	conn_table_init(16);
	for (int i = 0; i < 16; i++)
		CHECK((c[i] = conn_open(dup(0), &idle_calls, NULL)) != NULL);
	CHECK(conn_open(0, &idle_calls, NULL) == NULL);
	CHECK_NUMBER(1, conn_stats.refused);
	conn_set_reusable(c[3], true);
	conn_set_reusable(c[5], true);
	conn_set_reusable(c[3], true);
	CHECK(conn_open(dup(0), &idle_calls, NULL) == c[3]); /* the one that is idle longest */
	CHECK_NUMBER(1, conn_stats.reusable);
	CHECK_NUMBER(16, conn_stats.used);
	conn_table_fini();
	CHECK_NUMBER(0, conn_stats.used);
}

static void wrapping_generation(void)
{
	struct conn *c;
	uint64_t old;

	conn_table_init(1);
	c = conn_open(dup(0), &idle_calls, NULL);
	c->generation = UINT32_MAX;
	old = conn_handle(c);
	conn_close(c);
	c = conn_open(dup(0), &idle_calls, NULL);
	CHECK_NUMBER(0, c->generation);
	CHECK(conn_from_handle(old) == NULL);
	conn_table_fini();
}

/* A socket is full, and epoll cannot be asked when there is room again: an error, not a wait. */
static void full_socket_without_event(void)
{
	static char bytes[1 << 20];
	int pair[2];
	size_t sent;
	struct conn *c;

	CHECK(loop_init() == 0 && conn_table_init(4) == 0);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0);
	c = conn_open(pair[0], &idle_calls, NULL);
	CHECK(conn_watch(c) == 0);
	no_memory = true;
	while (conn_write(c, (struct str){bytes, sizeof(bytes)}, &sent) == IO_OK)
		CHECK_NUMBER(sizeof(bytes), sent);
	no_memory = false;
	CHECK_NUMBER(ENOMEM, errno);
	CHECK(conn_write(c, (struct str){bytes, sizeof(bytes)}, &sent) == IO_AGAIN);
	close(pair[1]);
	conn_table_fini();
	loop_fini();
}

/* A connection that cannot be watched leaves nothing behind. */
static void watch_without_event(void)
{
	int before = dup(0), after;

	close(before);
	CHECK(loop_init() == 0 && conn_table_init(4) == 0);
	no_memory = true;
	CHECK(watch_init(NULL) < 0);
	no_memory = false;
	CHECK_NUMBER(0, conn_stats.used);
	conn_table_fini();
	loop_fini();
	after = dup(0);
	close(after);
	CHECK_NUMBER(before, after);
}

int main(void)
{
	clock_update();
	full_socket_without_event();
	watch_without_event();
	stale_events(1);
	stale_events(2); /* where a single bit would be itself again */
	stale_events(3);
	reader_closes();
	full_table();
	wrapping_generation();
	return 0;
}
