/*
 * guest: who lives and who is dropped, to the millisecond: the clock is ours, and moves when we
 * say so. The other end of each guest's connection is a socket in our hands.
 */
#include "packet/guest.h"

#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "event/loop.h"
#include "mem/alloc.h"
#include "unit.h"

enum { LIMIT = 60000 };

static const struct packet_settings settings = {
    .heartbeat_interval = 20000,
    .heartbeat_missed = 3,
    .packet_max = 32768,
    .packet_rate = 100,
    .packet_unsent = 65536,
};

static int64_t start; /* when the test began */

static int newcomer(void)
{
	struct listener l = {.owner = (void *)&settings};
	int ends[2];

	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
	guest_accept(&l, conn_open(ends[0], NULL, NULL));
	start = now.ms;
	return ends[1];
}

/* Timers and what they lead to, as in a turn of the loop in which no event came. */
static void at(int64_t ms)
{
	now.ms = start + ms;
	timers_run();
	conn_run_posted();
}

/* The same with what lies in the sockets. */
static void turn_at(int64_t ms)
{
	struct conn *c;

	now.ms = start + ms;
	for (uint32_t i = 0; (c = conn_at(i)) != NULL; i++)
		if (conn_is_open(c)) {
			c->may_read = true;
			c->calls->on_readable(c);
		}
	timers_run();
	conn_run_posted();
}

static void put(int fd, enum command command, struct str body)
{
	char bytes[256];

	CHECK(body.len < sizeof(bytes) - FRAME_HEAD);
	CHECK(send(fd, bytes, (size_t)(put_frame(bytes, (uint16_t)command, body) - bytes), 0) >
	      0);
}

/* The command of the next packet, -1: nothing is there, -2: the end. */
static int next(int fd)
{
	char head[FRAME_HEAD], body[256];
	ssize_t n = recv(fd, head, sizeof(head), 0);

	if (n <= 0)
		return n < 0 ? -1 : -2;
	CHECK(n == FRAME_HEAD);
	if (head[1] > FRAME_HEAD)
		CHECK(recv(fd, body, (size_t)(head[1] - FRAME_HEAD), 0) > 0);
	return head[3];
}

static void leave(int fd)
{
	close(fd);
	turn_at(now.ms - start);
	CHECK_NUMBER(0, packet_stats.connections);
	CHECK_NUMBER(0, timers_queued);
}

static void silent(void)
{
	int fd = newcomer();

	at(LIMIT / 2 - 1);
	CHECK_NUMBER(-1, next(fd));
	at(LIMIT / 2);
	CHECK_NUMBER(COMMAND_PROBE, next(fd));
	at(LIMIT - 1);
	CHECK_NUMBER(-1, next(fd));
	CHECK_NUMBER(1, packet_stats.connections);
	at(LIMIT);
	CHECK_NUMBER(COMMAND_BYE, next(fd));
	CHECK_NUMBER(-2, next(fd));
	CHECK_NUMBER(0, packet_stats.connections);
	CHECK_NUMBER(1, packet_stats.ended[GUEST_SILENT]);
	close(fd);
}

/* Any packet will do, and none of them moves the timer. */
static void alive(enum command command)
{
	int fd = newcomer();

	for (int64_t ms = 1000; ms < 3 * LIMIT; ms += 1000) {
		struct timer *t = &conn_at(0)->timer;
		int64_t due = t->due;

		put(fd, command, STR("x"));
		now.ms = start + ms;
		conn_at(0)->may_read = true;
		conn_at(0)->calls->on_readable(conn_at(0));
		CHECK_NUMBER(due, t->due);
		turn_at(ms);
		CHECK_NUMBER(command == COMMAND_PROBE ? -1 : (int)command, next(fd));
		CHECK_NUMBER(-1, next(fd));
	}
	CHECK_NUMBER(1, packet_stats.connections);
	leave(fd);
}

/* It lives by the answers to our probes alone. */
static void passive(void)
{
	int fd = newcomer();
	uint64_t probes = packet_stats.probes;

	for (int i = 1; i <= 10; i++) {
		turn_at(i * LIMIT / 2);
		CHECK_NUMBER(COMMAND_PROBE, next(fd));
		put(fd, COMMAND_PROBE, STR_NONE);
		turn_at(i * LIMIT / 2);
	}
	CHECK_NUMBER(probes + 10, packet_stats.probes);
	leave(fd);
}

/* Its ping lies in the socket when its time is up: it lives, though no event has told us yet.
 */
static void at_the_last_moment(void)
{
	int fd = newcomer();

	at(LIMIT / 2);
	CHECK_NUMBER(COMMAND_PROBE, next(fd));
	put(fd, COMMAND_PING, STR_NONE);
	at(LIMIT);
	CHECK_NUMBER(COMMAND_PING, next(fd));
	at(LIMIT + LIMIT / 2);
	CHECK_NUMBER(COMMAND_PROBE, next(fd));
	at(2 * LIMIT - 1);
	CHECK_NUMBER(1, packet_stats.connections);
	at(2 * LIMIT);
	CHECK_NUMBER(0, packet_stats.connections);
	close(fd);
}

/* Bytes that never become a packet are no sign of life. */
static void dripping(void)
{
	static const char head[] = "\x10\x00\x00\x02\0\0\0\0";
	int fd = newcomer();

	CHECK(send(fd, head, FRAME_HEAD, 0) == FRAME_HEAD);
	for (int64_t ms = 1000; ms < LIMIT; ms += 1000) {
		CHECK(send(fd, "x", 1, 0) == 1);
		turn_at(ms);
		CHECK_NUMBER(1, packet_stats.connections);
	}
	turn_at(LIMIT);
	CHECK_NUMBER(0, packet_stats.connections);
	close(fd);
}

/* Twice the rate at once, however long it saved, then as many as flow in, then no more. */
static void flood(void)
{
	int fd = newcomer();

	for (int i = 0; i < 200; i++)
		put(fd, COMMAND_PROBE, STR_NONE);
	turn_at(20000);
	for (int i = 1; i <= 100; i++) {
		put(fd, COMMAND_PROBE, STR_NONE);
		turn_at(20000 + i * 10);
	}
	CHECK_NUMBER(1, packet_stats.connections);
	put(fd, COMMAND_PROBE, STR_NONE);
	turn_at(21009);
	CHECK_NUMBER(0, packet_stats.connections);
	CHECK_NUMBER(1, packet_stats.ended[GUEST_FLOOD]);
	close(fd);
}

static char body[20000];

/* Full of what was said, it takes a little now and then; then no more. */
static void slow(void)
{
	int fd = newcomer();
	struct conn *c = conn_at(0);
	struct guest *g = c->owner;

	while (outbox_unsent(&g->outbox) == 0) {
		guests_send_all(COMMAND_SAY, (struct str){body, sizeof(body)});
		conn_run_posted();
	}
	guests_send_all(COMMAND_SAY, (struct str){body, sizeof(body)});
	put(fd, COMMAND_PING, STR_NONE); /* not read before it has taken all */
	for (int64_t ms = 50000; outbox_unsent(&g->outbox) > sizeof(body); ms += 50000) {
		static char sip[sizeof(body)];

		CHECK(recv(fd, sip, sizeof(sip), 0) > 0);
		now.ms = start + ms;
		c->may_write = true;
		c->calls->on_writable(c);
		at(ms);
		CHECK_NUMBER(1, packet_stats.connections);
	}
	CHECK_NUMBER(0, packet_stats.ended[GUEST_DEAF]);
	turn_at(now.ms - start + LIMIT);
	CHECK_NUMBER(1, packet_stats.ended[GUEST_DEAF]);
	close(fd);
}

static void too_much_said(void)
{
	int fds[2] = {newcomer(), newcomer()};

	/* neither reads: first their sockets are full, then what is kept for them is too much
	 */
	while (packet_stats.connections > 0) {
		guests_send_all(COMMAND_SAY, (struct str){body, sizeof(body)});
		conn_run_posted();
	}
	CHECK_NUMBER(3, packet_stats.ended[GUEST_DEAF]);
	close(fds[0]);
	close(fds[1]);
}

static void dismissed(void)
{
	int fd = newcomer();

	guests_leave();
	CHECK_NUMBER(COMMAND_BYE, next(fd));
	put(fd, COMMAND_PING, STR_NONE);
	turn_at(999);
	CHECK_NUMBER(COMMAND_PING, next(fd));
	CHECK_NUMBER(1, packet_stats.connections);
	at(1000);
	CHECK_NUMBER(-2, next(fd));
	CHECK_NUMBER(0, packet_stats.connections);
	close(fd);

	/* one who had been accepted, and was not greeted yet */
	fd = newcomer();
	CHECK_NUMBER(COMMAND_BYE, next(fd));
	at(1000);
	CHECK_NUMBER(-2, next(fd));
	CHECK_NUMBER(0, packet_stats.connections);
	close(fd);
	guests_init();
}

int main(void)
{
	log_main = NULL;
	CHECK(loop_init() == 0 && conn_table_init(8) == 0);
	guests_init();
	clock_update();
	silent();
	alive(COMMAND_PING);
	alive(COMMAND_ECHO);
	alive(COMMAND_PROBE);
	passive();
	at_the_last_moment();
	dripping();
	flood();
	slow();
	too_much_said();
	dismissed();
	conn_table_fini();
	timers_fini();
	loop_fini();
	alloc_fini(&alloc_main);
	return 0;
}
