/* Accepting beside other processes: who may, in which order, and what a full table does. */
#include "event/accept.h"
#include "event/balance.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "event/loop.h"
#include "mem/shmutex.h"
#include "unit.h"

enum { DELAY = 20 };

static int64_t delay = DELAY;
static struct shmutex mutex;
static struct address address;
static struct listener listener;
static int greeted;

/* The kernel has no memory for so many descriptors more in epoll. */
static int no_room;

int epoll_ctl(int poller, int operation, int fd, struct epoll_event *event)
{
	if (operation != EPOLL_CTL_ADD || no_room == 0)
		return (int)syscall(SYS_epoll_ctl, poller, operation, fd, event);
	no_room--;
	errno = ENOMEM;
	return -1;
}

/* ---- a server of one listener, and clients in its queue */

static void on_accept(struct listener *l, struct conn *c)
{
	static const struct conn_calls none;

	(void)l;
	c->calls = &none;
	greeted++;
}

static void begin(uint32_t slots, bool shared, struct shmutex *m)
{
	const struct listen_options options = {.backlog = 16};

	address_parse(&address, STR("127.0.0.1:0"), 0);
	listener = (struct listener){.on_accept = on_accept, .shared = shared};
	listener.fd = net_listen(&address, &options);
	net_local_address(listener.fd, &address);
	shmutex_init(&mutex);
	accept_stats = (struct accept_stats){0};
	greeted = 0;
	clock_update();
	CHECK(loop_init() == 0 && conn_table_init(slots) == 0);
	accept_init(delay);
	balance_init(m, delay);
	CHECK(accept_start(&listener) == 0);
}

static void end(void)
{
	accept_stop(&listener);
	close(listener.fd);
	conn_table_fini();
	timers_fini();
	loop_fini();
	shmutex_fini(&mutex);
}

static int client(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	CHECK(connect(fd, &address.any, address.len) == 0);
	return fd;
}

static bool is_closed(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_DONTWAIT) == 0;
}

/* Something else that happens, so that a turn doesn't wait: a byte in a pair of sockets. */
static struct conn *other;
static int other_end, told;

static void others_begin(const struct conn_calls *calls)
{
	int pair[2];

	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0);
	other = conn_open(pair[0], calls, NULL);
	other_end = pair[1];
	told = 0;
	CHECK(conn_watch(other) == 0);
}

static void on_other(struct conn *c)
{
	char byte;

	CHECK(read(c->fd, &byte, 1) == 1);
	told++;
}

static const struct conn_calls other_calls = {.on_readable = on_other};

static void turn(void)
{
	CHECK(write(other_end, "x", 1) == 1);
	loop_turn();
}

/* ---- */

static void arithmetic(void)
{
	CHECK_NUMBER(0, balance_disabled(64, 8));
	CHECK_NUMBER(1, balance_disabled(64, 7));
	CHECK_NUMBER(-56, balance_disabled(64, 64));
}

static void check_that_accepting_is_over(struct conn *c)
{
	on_other(c);
	CHECK_NUMBER(1, accept_stats.handled);
	CHECK(!balance_holds_lock());
	CHECK_NUMBER(0, mutex.owner);
	CHECK_NUMBER(0, greeted); /* its request would have kept the lock */
}

static const struct conn_calls checking_calls = {.on_readable = check_that_accepting_is_over};

/* The other event is first in the batch: it was there when the listener came to epoll. */
static void newcomers_first(void)
{
	int fd;

	begin(8, true, &mutex);
	others_begin(&checking_calls);
	fd = client();
	turn();
	CHECK_NUMBER(1, told);
	CHECK_NUMBER(1, greeted);
	close(fd);
	close(other_end);
	end();
}

static void lock_of_another(void)
{
	int fd;

	begin(8, true, &mutex);
	others_begin(&other_calls);
	turn();
	CHECK(listener.listening);
	fd = client();
	mutex.owner = getppid();
	turn();
	CHECK(!listener.listening && !balance_holds_lock());
	CHECK_NUMBER(0, accept_stats.accepted);
	CHECK_NUMBER(DELAY, balance_before_wait(-1));
	CHECK_NUMBER(DELAY, balance_before_wait(DELAY + 1));
	CHECK_NUMBER(3, balance_before_wait(3));
	CHECK(shmutex_force_unlock(&mutex, getppid()));
	turn();
	CHECK_NUMBER(1, greeted);
	close(fd);
	close(other_end);
	end();
}

/* Seven of 64 free: one turn is left to others. */
static void stands_back_a_turn(void)
{
	int fds[2];

	delay = 60000;
	begin(64, true, &mutex);
	others_begin(&other_calls);
	for (int i = 0; i < 55; i++)
		conn_open(dup(0), &other_calls, NULL);
	fds[0] = client();
	turn();
	fds[1] = client();
	turn();
	CHECK_NUMBER(1, greeted);
	CHECK_NUMBER(0, mutex.owner);
	turn();
	CHECK_NUMBER(2, greeted);
	close(fds[0]);
	close(fds[1]);
	close(other_end);
	end();
}

/* None free but the last: 128 turns. To one that is idle they may not mean minutes. */
static void stands_back_no_longer_than_delay(void)
{
	int fds[2];

	delay = DELAY;
	begin(1024, true, &mutex);
	others_begin(&other_calls);
	for (int i = 0; i < 1020; i++)
		conn_open(dup(0), &other_calls, NULL);
	fds[0] = client();
	turn();
	CHECK_NUMBER(1, greeted);
	CHECK(!balance_holds_lock());
	conn_close(conn_at(2));
	fds[1] = client();
	for (int turns = 0; greeted == 1; turns++) {
		CHECK(turns < 4);
		loop_turn(); /* there is nothing but the client to wake it, and the delay */
	}
	close(fds[0]);
	close(fds[1]);
	close(other_end);
	end();
}

/* The listener, the pair, two clients; the third waits for a slot, or is refused. */
static void full(bool shared, struct shmutex *m)
{
	int fds[3];

	begin(4, shared, m);
	others_begin(&other_calls);
	for (int i = 0; i < 3; i++)
		fds[i] = client();
	turn();
	CHECK_NUMBER(2, greeted);
	turn();
	balance_before_wait(0);
	CHECK(!balance_holds_lock());
	CHECK_NUMBER(!shared, listener.listening);
	CHECK_NUMBER(!shared, conn_stats.refused);
	CHECK_NUMBER(!shared, is_closed(fds[2]));
	conn_close(conn_at(3));
	turn();
	CHECK(listener.listening);
	CHECK_NUMBER(shared ? 3 : 2, greeted);
	for (int i = 0; i < 3; i++)
		close(fds[i]);
	close(other_end);
	end();
}

/* Two of eight slots belong to threads that still work for clients who are gone. */
static void lot_is_full(bool shared)
{
	uint64_t gone[2];
	int fd;

	begin(8, shared, NULL);
	conn_recycle_after(0);
	others_begin(&other_calls);
	for (int i = 0; i < 2; i++) {
		struct conn *c = conn_open(dup(0), &other_calls, NULL);

		gone[i] = conn_get(c);
		conn_close(c);
	}
	fd = client();
	turn();
	CHECK_NUMBER(!shared, listener.listening);
	CHECK_NUMBER(!shared, is_closed(fd));
	for (int i = 0; i < 2; i++)
		conn_put(gone[i]);
	turn();
	CHECK(listener.listening);
	CHECK_NUMBER(shared, greeted);
	close(fd);
	close(other_end);
	end();
}

/* In the middle of accepting: the lock is free for others, and the listener rests a while. */
static void out_of_descriptors(void)
{
	struct rlimit limit, none = {.rlim_cur = 3};
	int fds[2];

	begin(8, true, &mutex);
	others_begin(&other_calls);
	fds[0] = client();
	getrlimit(RLIMIT_NOFILE, &limit);
	none.rlim_max = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &none);
	turn();
	setrlimit(RLIMIT_NOFILE, &limit);
	balance_before_wait(0);
	CHECK(!listener.listening && !balance_holds_lock());
	CHECK_NUMBER(0, mutex.owner);
	CHECK_NUMBER(0, greeted);
	fds[1] =
	    client(); /* valgrind takes the first one from the queue to say that it can't */
	while (greeted == 0)
		loop_turn(); /* until the timer */
	CHECK(listener.listening);
	close(fds[0]);
	close(fds[1]);
	close(other_end);
	end();
}

/* It goes to the end of the line, and epoll refuses to take it back: it comes back all the same. */
static void refused_at_the_end_of_the_line(void)
{
	enum { TURN = 16 };
	int fds[TURN + 1];

	begin(64, true, NULL);
	for (int i = 0; i <= TURN; i++) {
		if (i == TURN - 1)
			no_room = 3;
		fds[i] = client();
		for (int wanted = greeted + 1; greeted < wanted;)
			loop_turn(); /* there is nothing but the client to wake it, and the timer */
	}
	CHECK_NUMBER(0, no_room);
	for (int i = 0; i <= TURN; i++)
		close(fds[i]);
	end();
}

/* The same when the pause for want of descriptors is over. */
static void refused_after_a_pause(bool shared, struct shmutex *m)
{
	struct rlimit limit, none = {.rlim_cur = 3};
	int fds[2];

	begin(8, shared, m);
	getrlimit(RLIMIT_NOFILE, &limit);
	none.rlim_max = limit.rlim_max;
	fds[0] = client();
	setrlimit(RLIMIT_NOFILE, &none);
	loop_turn();
	setrlimit(RLIMIT_NOFILE, &limit);
	CHECK(!listener.listening);
	no_room = 2;
	fds[1] = client();
	while (greeted == 0)
		loop_turn();
	CHECK_NUMBER(0, no_room);
	close(fds[0]);
	close(fds[1]);
	end();
}

/* And when there is a free slot again, or the mutex. */
static void refused_after_a_full_table(struct shmutex *m)
{
	int fds[3];

	begin(3, true, m);
	for (int i = 0; i < 3; i++)
		fds[i] = client();
	while (greeted < 2)
		loop_turn();
	balance_before_wait(0);
	CHECK(!listener.listening);
	conn_close(conn_at(2));
	no_room = 2;
	while (greeted < 3)
		loop_turn();
	CHECK_NUMBER(0, no_room);
	for (int i = 0; i < 3; i++)
		close(fds[i]);
	end();
}

int main(void)
{
	alarm(60); /* for a listener that stays deaf */
	arithmetic();
	newcomers_first();
	lock_of_another();
	stands_back_a_turn();
	stands_back_no_longer_than_delay();
	full(true, NULL);
	full(true, &mutex);
	full(false, NULL);
	lot_is_full(true);
	lot_is_full(false);
	out_of_descriptors();
	refused_at_the_end_of_the_line();
	refused_after_a_pause(false, NULL);
	refused_after_a_pause(true, NULL);
	refused_after_a_pause(true, &mutex);
	refused_after_a_full_table(NULL);
	refused_after_a_full_table(&mutex);
	return 0;
}
