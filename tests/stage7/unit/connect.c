/* Connections that we open: how each attempt ends, and what the owner is told of it. */
#include "event/conn.h"

#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "event/loop.h"
#include "unit.h"

static struct address address;
static int listener, writable, readable, timeouts, result;

static void on_writable(struct conn *c)
{
	writable++;
	result = conn_connected(c);
}

static void on_readable(struct conn *c)
{
	CHECK_NUMBER(0, conn_connected(c)); /* never before it is */
	readable++;
}

static void on_timeout(struct conn *c)
{
	timeouts++;
	CHECK_NUMBER(EINPROGRESS, conn_connected(c));
}

static const struct conn_calls calls = {
    .on_readable = on_readable, .on_writable = on_writable, .on_timeout = on_timeout};

static void begin(const char *where, int backlog)
{
	const struct listen_options options = {.backlog = backlog};

	clock_update();
	CHECK(loop_init() == 0 && conn_table_init(4) == 0);
	CHECK(address_parse(&address, str_from(where), 0) == NULL);
	listener = net_listen(&address, &options);
	CHECK(listener >= 0 && net_local_address(listener, &address) == 0);
	writable = readable = timeouts = 0;
	result = -1;
}

static void end(void)
{
	conn_table_fini();
	timers_fini();
	loop_fini();
	if (listener >= 0)
		close(listener);
}

/* As every owner does: at once, or when it is told. */
static struct conn *attempt(void)
{
	struct conn *c = conn_connect(&address, NULL, &calls, NULL);

	if (c == NULL) {
		result = errno;
		return NULL;
	}
	result = conn_connected(c);
	CHECK(result == EINPROGRESS ? !c->may_write && !c->may_read : result == 0);
	timer_start(&c->timer, 10000);
	CHECK(conn_watch(c) == 0);
	while (result == EINPROGRESS && timeouts == 0)
		loop_turn();
	return c;
}

static void talks(const char *where)
{
	struct conn *c;
	size_t n;
	char bytes[8];
	int other;

	begin(where, 8);
	c = attempt();
	CHECK(c != NULL && c->may_write);
	CHECK_NUMBER(0, result);
	other = accept(listener, NULL, NULL);
	CHECK_NUMBER(IO_OK, conn_write(c, STR("hello"), &n));
	CHECK_NUMBER(5, read(other, bytes, sizeof(bytes)));
	CHECK_NUMBER(3, write(other, "you", 3));
	while (readable == 0)
		loop_turn();
	CHECK_NUMBER(IO_OK, conn_read(c, bytes, sizeof(bytes), &n));
	CHECK_NUMBER(3, n);
	close(other);
	end();
}

/* The kernel may say so at once or later; it is the other side's fault in both cases. */
static void refused(void)
{
	begin("127.0.0.1:0", 8);
	close(listener);
	listener = -1;
	attempt();
	CHECK_NUMBER(ECONNREFUSED, result);
	CHECK(!net_is_own_fault(result));
	CHECK_NUMBER(0, readable);
	end();
}

static void no_such_socket(const char *path)
{
	begin(path, 8);
	close(listener);
	listener = -1;
	unlink(address.un.sun_path);
	CHECK(attempt() == NULL);
	CHECK_NUMBER(ENOENT, result);
	CHECK(!net_is_own_fault(result));
	end();
}

/* A queue that is full: TCP tries again and again, and the owner's timer ends that. */
static void no_answer(void)
{
	struct conn *c;

	begin("127.0.0.1:0", 0);
	CHECK(attempt() != NULL);
	CHECK_NUMBER(0, result);
	c = conn_connect(&address, NULL, &calls, NULL);
	CHECK(c != NULL && conn_watch(c) == 0);
	timer_start(&c->timer, 50);
	while (timeouts == 0)
		loop_turn();
	CHECK_NUMBER(1, timeouts);
	writable = 0;
	conn_dispatch(conn_handle(c), EPOLLERR | EPOLLHUP);
	CHECK_NUMBER(0, readable);
	CHECK_NUMBER(1, writable);
	conn_close(c);
	end();
}

static void no_slot(void)
{
	begin("127.0.0.1:0", 8);
	for (int i = 0; i < 4; i++)
		conn_open(dup(0), &calls, NULL);
	CHECK(attempt() == NULL);
	CHECK_NUMBER(ENOBUFS, result);
	CHECK(net_is_own_fault(result));
	end();
}

static void no_descriptor(void)
{
	struct rlimit limit, none;

	begin("127.0.0.1:0", 8);
	getrlimit(RLIMIT_NOFILE, &limit);
	none = (struct rlimit){.rlim_cur = 3, .rlim_max = limit.rlim_max};
	setrlimit(RLIMIT_NOFILE, &none);
	CHECK(attempt() == NULL);
	setrlimit(RLIMIT_NOFILE, &limit);
	CHECK_NUMBER(EMFILE, result);
	CHECK(net_is_own_fault(result));
	end();
}

int main(void)
{
	char path[64];

	snprintf(path, sizeof(path), "unix:/tmp/connect-%d.sock", (int)getpid());
	talks("127.0.0.1:0");
	talks(path);
	unlink(path + 5);
	refused();
	no_such_socket(path);
	no_answer();
	no_slot();
	no_descriptor();
	return 0;
}
