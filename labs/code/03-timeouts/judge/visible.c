/* The checks of lab 3 that students see. */
#include "late.h"

#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

CHECK(starts)
{
	struct program *p = timed_server(1000, 1000);

	get_small(p, "ann");
	program_stop(p);
}

/* ---- deadlines alone --------------------------------------------------------------------- */

CHECK(due_order)
{
	enum { MANY = 200 };
	struct program *p = puppet();
	int of_time[MANY]; /* the deadline that is due then */

	for (int i = 0; i < MANY; i++)
		of_time[i] = i;
	for (int i = MANY - 1; i > 0; i--) {
		int other = (int)(dice() % (uint64_t)(i + 1)), swap = of_time[i];

		of_time[i] = of_time[other];
		of_time[other] = swap;
	}
	for (int n = 0; n < MANY; n++)
		for (int t = 0; t < MANY; t++)
			if (of_time[t] == n)
				set(p, n, 1000 + t);
	expect_take(p, 999, -1);
	for (int t = 0; t < MANY; t++) {
		expect_take(p, 1000 + t, of_time[t]); /* due at this very tick */
		expect_take(p, 1000 + t, -1);
		if (t == MANY / 2)
			break;
	}
	for (int t = MANY / 2 + 1; t < MANY; t++)
		expect_take(p, 5000, of_time[t]);
	expect_take(p, INT64_MAX, -1);
}

CHECK(equal_order)
{
	enum { MANY = 60 };
	struct program *p = puppet();

	scene("%d deadlines with three times: 100, 101, 102, 100, 101, ...", MANY);
	for (int i = 0; i < MANY; i++)
		set(p, i, 100 + i % 3);
	for (int t = 0; t < 3; t++)
		for (int i = t; i < MANY; i += 3)
			expect_take(p, 1000, i);
	scene("three equal ones; the first is set again to the same time: it is the last now");
	set(p, 1, 50);
	set(p, 2, 50);
	set(p, 3, 50);
	set(p, 1, 50);
	expect_take(p, 50, 2);
	expect_take(p, 50, 3);
	expect_take(p, 50, 1);
	expect_take(p, 50, -1);
}

CHECK(move_clear)
{
	struct program *p = puppet();

	scene("one of 15 is moved to the front, one to the end");
	for (int i = 0; i < 15; i++)
		set(p, i, 100 + 10 * i);
	set(p, 13, 5);
	set(p, 2, 900);
	expect_take(p, 99, 13);
	expect_take(p, 99, -1);
	scene("each place of 15 is cleared once, and once more");
	for (int gone = 0; gone < 15; gone++) {
		for (int i = 0; i < 15; i++)
			set(p, i, 1000 + (i * 7) % 15);
		clear(p, gone);
		clear(p, gone);
		for (int t = 0; t < 15; t++)
			if ((t * 13) % 15 != gone) /* 7 * 13 = 1, modulo 15 */
				expect_take(p, 2000, (t * 13) % 15);
		expect_take(p, 2000, -1);
	}
	scene("what was taken is not set: a clear does nothing, a set puts it back");
	set(p, 1, 10);
	set(p, 2, 20);
	set(p, 3, 30);
	expect_take(p, 100, 1);
	clear(p, 1);
	clear(p, 2);
	set(p, 1, 40);
	expect_take(p, 100, 3);
	expect_take(p, 100, 1);
	expect_take(p, 100, -1);
	clear(p, 3);
	scene("the only one is cleared");
	set(p, 4, 7);
	clear(p, 4);
	expect_wait(p, 0, -1);
}

CHECK(round_up)
{
	struct program *p = puppet();
	int64_t t = variant("TICKS_PER_MS"), at = 123456789 * t;

	scene("TICKS_PER_MS is %d; one deadline, due at D = %lld", (int)t, (long long)at);
	expect_wait(p, 0, -1);
	set(p, 1, at);
	expect_wait(p, at - 1, 1); /* 0 would make poll return at once, again and again */
	expect_wait(p, at, 0);
	expect_wait(p, at + 5 * t, 0);
	expect_wait(p, at - t, 1);
	expect_wait(p, at - t - 1, 2);
	expect_wait(p, at - 10 * t + 1, 10);
	expect_wait(p, at - 3600 * 1000 * t, 3600 * 1000);
	scene("twenty days, and forty: that is more milliseconds than INT_MAX");
	set(p, 1, at + INT64_C(20) * 86400 * 1000 * t);
	expect_wait(p, at, 20 * 86400 * 1000);
	set(p, 1, at + INT64_C(40) * 86400 * 1000 * t);
	expect_wait(p, at, INT_MAX);
	set(p, 2, at + 2 * t);
	expect_wait(p, at, 2);
	clear(p, 2);
	expect_take(p, at, -1);
	expect_wait(p, at + INT64_C(39) * 86400 * 1000 * t, 86400 * 1000);
}

/* ---- the head ---------------------------------------------------------------------------- */

CHECK(late_head)
{
	int head = ms(400);
	struct program *p = timed_server(head, ms(400));
	double began = now();
	struct peer *silent = peer_connect(p, "silent"), *half = peer_connect(p, "half");

	peer_say(half, "GET /hello.txt HT");
	for (int i = 0; i < 10; i++)
		get_small(p, "other");
	expect_late(silent, began, head);
	expect_late(half, began, head);
	scene("and once more, when no other client makes the server look");
	began = now();
	silent = peer_connect(p, "silent");
	expect_late(silent, began, head);
	get_small(p, "other");
}

CHECK(drip)
{
	enum { MOST = 60 };
	static const char head[] = "GET /hello.txt HTTP/1.0\r\nUser-Agent: ";
	int head_ms = ms(600), sent = 0;
	struct program *p = timed_server(head_ms, ms(400));
	double began = now();
	struct peer *slow = peer_connect(p, "slow");

	scene("HEAD_MS is %d; a client sends a byte every %d ms", head_ms, head_ms / 10);
	peer_say(slow, "%s", head);
	while (poll(&(struct pollfd){.fd = slow->fd, .events = POLLIN}, 1, head_ms / 10) == 0) {
		if (sent == MOST) {
			should_have("the answer %ld after fewer than %d bytes",
				    variant("LATE_STATUS"), MOST);
			but_it_was("still open after %d", MOST);
		}
		peer_say(slow, "%c", 'a' + sent++ % 26);
	}
	expect_late(slow, began, head_ms);
	get_small(p, "other");
}

/* ---- the answer -------------------------------------------------------------------------- */

CHECK(stall)
{
	int stall_ms = ms(400);
	struct program *p = timed_server(ms(200), stall_ms);
	struct peer *still = peer_connect_small(p, "still", 4096);
	double looked = now(), grown = looked, last = deadline() + stall_ms / 1e3;
	long most = -1;
	short end;

	peer_say(still, "GET /big HTTP/1.0\r\n\r\n");
	step("still reads nothing; another client asks now and then");
	for (int i = 0; !(end = ended(still)); i++) {
		double at = now();
		long is = on_its_way(still);

		if (is > most) {
			most = is;
			grown = looked; /* it has grown after this look */
		}
		looked = at;
		if (at > last)
			too_late("the client that takes nothing is still connected; STALL_MS "
				 "is %d; the server is in %s",
				 stall_ms, process_call(program_pid(p)));
		if (i % 64 == 63)
			get_small(p, "other");
		nap();
	}
	if ((now() - grown) * 1e3 < stall_ms) {
		should_have("%d ms or more after the last byte that the kernel has taken",
			    stall_ms);
		but_it_was("%.1f ms", (now() - grown) * 1e3);
	}
	if (!(end & POLLERR)) {
		should_have(
		    "a reset: %ld bytes are on their way, and the kernel still keeps them",
		    on_its_way(still));
		but_it_was("closed");
	}
	get_small(p, "other");
}

/* Reads a piece every fifth of STALL_MS. False: our own pause was too long, so that the server
 * was right if it has reset the connection. */
static bool steady_once(struct program *p, int stall_ms, long total)
{
	static char piece[16384];
	struct peer *slow = peer_connect_small(p, "slow", sizeof piece);
	double before = now();
	long had = 0;
	bool calm = true;

	peer_say(slow, "GET /steady HTTP/1.0\r\n\r\n");
	scene("STALL_MS is %d; the client reads at most %zu bytes every %d ms", stall_ms,
	      sizeof piece, stall_ms / 8);
	for (;;) {
		double pause;
		ssize_t n;

		nanosleep(&(struct timespec){.tv_nsec = stall_ms / 8 * 1000000L}, NULL);
		n = recv(slow->fd, piece, sizeof piece, MSG_DONTWAIT);
		pause = now() - before;
		before = now();
		calm = calm && pause * 1e3 < 0.5 * stall_ms;
		if (n == 0)
			break;
		if (n > 0)
			had += n;
		else if (ended(slow))
			break;
	}
	peer_close(slow);
	if (calm && had < total) {
		should_have("%ld bytes, and a head", total);
		but_it_was("the end of the connection after %ld bytes", had);
	}
	return had >= total;
}

CHECK(steady)
{
	enum { LONG = 400 << 10 };
	int stall_ms = ms(500);
	struct program *p = timed_server(ms(300), stall_ms);

	if (link("www/big", "www/steady") < 0 || truncate("www/big", LONG) < 0)
		judge_broke("no file");
	for (int i = 0; i < 5; i++)
		if (steady_once(p, stall_ms, LONG))
			return;
	judge_broke("this machine is too busy: the check could not keep its own time");
}
