/* Delayed recycling: no other connection gets a slot that a thread may know, in whatever order things happen. */
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "event/conn.h"
#include "unit.h"

static const struct conn_calls no_calls = {.on_readable = NULL};

static struct conn *open_one(void)
{
	struct conn *c = conn_open(dup(0), &no_calls, NULL);

	CHECK(c != NULL);
	return c;
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static void later(int64_t ms)
{
	now.ms += ms;
	timers_run();
}

static void begin(uint32_t slots, int64_t delay)
{
	CHECK(conn_table_init(slots) == 0);
	conn_recycle_after(delay);
}

/* Nobody else knows it: the slot is the next one's, at once and whatever the delay. */
static void immediate(void)
{
	struct conn *c;

	begin(8, 60000);
	c = open_one();
	conn_close(c);
	CHECK_NUMBER(0, conn_stats.used);
	CHECK(open_one() == c);
	conn_put(conn_get(c)); /* somebody did, and does not any more */
	conn_close(c);
	CHECK_NUMBER(0, conn_stats.used);
	conn_table_fini();
}

/* shutdown first: the other side gets a FIN; close last: until then no other has the number. */
static void descriptor_stays(void)
{
	int pair[2], fd;
	struct conn *c;
	uint64_t first, second;
	char byte;

	begin(8, 0);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	c = conn_open(pair[0], &no_calls, NULL);
	first = conn_get(c);
	second = conn_get(c);
	conn_close(c);
	CHECK_NUMBER(0, recv(pair[1], &byte, 1, MSG_DONTWAIT));
	CHECK(is_open(pair[0]));
	CHECK(conn_from_handle(first) == NULL);
	conn_dispatch(first, EPOLLIN | EPOLLHUP);
	CHECK_NUMBER(1, conn_stats.stale);
	CHECK_NUMBER(1, conn_stats.closing);
	fd = dup(0);
	CHECK(fd != pair[0]);
	close(fd);
	CHECK(conn_put(first) == NULL);
	CHECK(is_open(pair[0]));
	CHECK(conn_put(second) == NULL);
	CHECK(!is_open(pair[0]));
	CHECK_NUMBER(2, conn_stats.late);
	CHECK_NUMBER(0, conn_stats.used);
	close(pair[1]);
	conn_table_fini();
}

/* The story: B comes while A's result is on its way, and gets another slot. */
static void late_result(int64_t delay)
{
	struct conn *a, *b;
	uint64_t handle;

	begin(8, delay);
	a = open_one();
	handle = conn_get(a);
	conn_close(a);
	b = open_one();
	CHECK(b != a);
	CHECK(conn_put(handle) == NULL);
	CHECK(conn_from_handle(conn_handle(b)) == b);
	CHECK_NUMBER(1, conn_stats.late);
	conn_table_fini();
}

/* Not before the delay, at the first look after it, and in the order of the last references. */
static void order_and_time(void)
{
	enum { DELAY = 1000 };
	struct conn *c[4];
	uint64_t handles[4];
	static const int given_back[4] = {2, 0, 3, 1};

	begin(16, DELAY);
	for (int i = 0; i < 4; i++) {
		c[i] = open_one();
		handles[i] = conn_get(c[i]);
		conn_close(c[i]);
	}
	for (int i = 0; i < 4; i++) {
		conn_put(handles[given_back[i]]);
		if (i != 1) /* the middle two have the same moment */
			later(10);
	}
	CHECK_NUMBER(4, conn_stats.parked);
	later(DELAY - 31);
	CHECK_NUMBER(4, conn_stats.parked);
	later(1);
	CHECK_NUMBER(3, conn_stats.parked);
	CHECK(open_one() == c[2]);
	later(9);
	CHECK_NUMBER(3, conn_stats.parked);
	later(1);
	CHECK_NUMBER(1, conn_stats.parked);
	CHECK(open_one() == c[3]); /* a stack: the one that was freed last, that is after c[0] */
	CHECK(open_one() == c[0]);
	later(3600000); /* a machine that was asleep */
	CHECK_NUMBER(0, conn_stats.parked);
	CHECK(open_one() == c[1]);
	conn_table_fini();
}

/* The wall clock may go where it likes. */
static void wall_clock(void)
{
	struct conn *c;
	uint64_t handle;

	begin(8, 1000);
	c = open_one();
	handle = conn_get(c);
	conn_close(c);
	conn_put(handle);
	now.wall_ms -= 3600000;
	now.second -= 3600;
	later(999);
	CHECK_NUMBER(1, conn_stats.parked);
	now.wall_ms += 7200000;
	now.second += 7200;
	later(0);
	CHECK_NUMBER(1, conn_stats.parked);
	later(1);
	CHECK_NUMBER(0, conn_stats.parked);
	conn_table_fini();
}

static void wrapping_generation(int64_t delay)
{
	struct conn *c;
	uint64_t handle, next;

	begin(1, delay);
	c = open_one();
	c->generation = UINT32_MAX;
	handle = conn_get(c);
	conn_close(c);
	CHECK(conn_put(handle) == NULL);
	later(delay);
	CHECK(open_one() == c);
	CHECK_NUMBER(0, c->generation);
	CHECK(conn_from_handle(handle) == NULL);
	next = conn_get(c);
	CHECK(conn_put(next) == c);
	conn_table_fini();
}

/* A flood of clients that ask for something slow and leave: a quarter, and not one slot sooner. */
static void flood(void)
{
	enum { DELAY = 60000 };
	uint64_t handles[4];
	struct conn *own;

	begin(16, DELAY);
	for (int i = 0; i < 4; i++) {
		struct conn *c = conn_admit(dup(0), NULL, NULL);

		CHECK(c != NULL);
		c->calls = &no_calls;
		handles[i] = conn_get(c);
		conn_close(c);
	}
	CHECK(conn_lot_is_full());
	CHECK(conn_admit(0, NULL, NULL) == NULL);
	CHECK_NUMBER(1, conn_stats.refused);
	own = open_one(); /* what the server opens itself is no newcomer */
	for (int i = 0; i < 4; i++)
		conn_put(handles[i]);
	CHECK_NUMBER(4, conn_stats.parked);
	later(DELAY - 1);
	CHECK(conn_admit(0, NULL, NULL) == NULL);
	later(1);
	CHECK(!conn_lot_is_full());
	conn_close(own);
	CHECK_NUMBER(0, conn_stats.used);
	conn_table_fini();
}

/* ---- against a model that knows of each connection there ever was where it is */

enum { SLOTS = 64, STEPS = 100000 };

static struct known {
	enum { FREE, OPEN, CLOSING, PARKED } state;
	struct conn *c;
	uint64_t handle;
	int fd, holders;
	int64_t due;
} known[SLOTS]; /* by slot */

static struct known *any_in(int state)
{
	int from = rand() % SLOTS;

	for (int i = 0; i < SLOTS; i++) {
		struct known *k = &known[(from + i) % SLOTS];

		if ((int)k->state == state)
			return k;
	}
	return NULL;
}

static uint32_t count_of(int state)
{
	uint32_t count = 0;

	for (int i = 0; i < SLOTS; i++)
		count += (int)known[i].state == state;
	return count;
}

static void model_open(void)
{
	int fd = dup(0);
	struct conn *c = conn_open(fd, &no_calls, NULL);
	struct known *k;

	if (c == NULL) {
		CHECK_NUMBER(0, count_of(FREE));
		close(fd);
		return;
	}
	k = &known[(uint32_t)conn_handle(c)];
	CHECK_NUMBER(FREE, k->state);
	CHECK(k->c == NULL || (k->c == c && conn_handle(c) - k->handle == 1ULL << 32));
	*k = (struct known){.state = OPEN, .c = c, .handle = conn_handle(c), .fd = fd};
}

static void model_close(struct known *k)
{
	conn_close(k->c);
	k->state = k->holders > 0 ? CLOSING : FREE;
	CHECK((k->state == CLOSING) == is_open(k->fd));
}

static void model_put(struct known *k, int64_t delay)
{
	CHECK(conn_put(k->handle) == (k->state == OPEN ? k->c : NULL));
	if (--k->holders > 0 || k->state == OPEN)
		return;
	CHECK(!is_open(k->fd));
	k->state = delay > 0 ? PARKED : FREE;
	k->due = now.ms + delay;
}

static void model_later(int64_t ms)
{
	later(ms);
	for (int i = 0; i < SLOTS; i++)
		if (known[i].state == PARKED && known[i].due <= now.ms)
			known[i].state = FREE;
}

static struct known *any_held(void)
{
	for (int tries = 0; tries < SLOTS; tries++) {
		struct known *k = &known[rand() % SLOTS];

		if (k->holders > 0)
			return k;
	}
	return NULL;
}

static void model_step(int64_t delay)
{
	struct known *open = any_in(OPEN), *held = any_held();
	int what = rand() % 100;

	if (what < 35)
		model_open();
	else if (what < 55 && open != NULL)
		model_close(open);
	else if (what < 75 && open != NULL && ++open->holders > 0)
		CHECK(conn_get(open->c) == open->handle);
	else if (what < 95 && held != NULL)
		model_put(held, delay);
	else
		model_later(rand() % 20);
}

static void model_compare(void)
{
	uint32_t closing = count_of(CLOSING), parked = count_of(PARKED);

	CHECK_NUMBER(closing, conn_stats.closing);
	CHECK_NUMBER(parked, conn_stats.parked);
	CHECK_NUMBER(closing + parked + count_of(OPEN), conn_stats.used);
	CHECK(conn_lot_is_full() == (closing + parked >= SLOTS / 4));
	for (int i = 0; i < SLOTS; i++)
		if (known[i].c != NULL)
			CHECK(conn_from_handle(known[i].handle) ==
			      (known[i].state == OPEN ? known[i].c : NULL));
}

static void against_a_model(int64_t delay)
{
	begin(SLOTS, delay);
	memset(known, 0, sizeof(known));
	for (int i = 0; i < STEPS; i++) {
		model_step(delay);
		if (i % 16 == 0)
			model_compare();
	}
	for (int i = 0; i < SLOTS; i++)
		while (known[i].holders > 0)
			model_put(&known[i], delay);
	CHECK_NUMBER(0, conn_stats.closing);
	conn_table_fini();
}

int main(void)
{
	clock_update();
	srand(7);
	immediate();
	descriptor_stays();
	late_result(0);
	late_result(3600000);
	order_and_time();
	wall_clock();
	wrapping_generation(0);
	wrapping_generation(500);
	flood();
	against_a_model(0);
	against_a_model(40);
	against_a_model(3600000);
	timers_fini();
	return 0;
}
