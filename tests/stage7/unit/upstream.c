/* Connections to servers: who gets one, who waits, what is kept, and that nothing is left. */
#include "modules/upstream/upstream.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "event/loop.h"
#include "mem/alloc.h"
#include "modules/upstream/ask.h"
#include "unit.h"

enum { SERVERS = 2, USES = 12, NOTHING = 99 };

static struct pool *pool;
static struct upstream u;
static int listeners[SERVERS], accepted[SERVERS][64], accepted_count[SERVERS];
static struct upstream_use uses[USES];
static int answers[USES]; /* enum upstream_answer; NOTHING: not told yet */
static int order[USES * 8], order_count;

static int descriptors(void)
{
	DIR *all = opendir("/proc/self/fd");
	int count = 0;

	while (readdir(all) != NULL)
		count++;
	closedir(all);
	return count;
}

/* ---- the servers */

static void add_line(const struct address *a)
{
	struct backend *line = pool_list_add(pool, &u.lines, sizeof(*line));
	char text[ADDRESS_TEXT];

	*line = (struct backend){.weight = 1, .max_fails = 1, .fail_timeout = 10000};
	line->name = pool_str(pool, (struct str){text, address_print_port(&a->any, text)});
}

static void listen_on(int i)
{
	const struct listen_options options = {.backlog = 16};
	struct address a;

	CHECK(address_parse(&a, STR("127.0.0.1:0"), 0) == NULL);
	listeners[i] = net_listen(&a, &options);
	CHECK(listeners[i] >= 0 && net_local_address(listeners[i], &a) == 0);
	add_line(&a);
	accepted_count[i] = 0;
}

static void begin(int servers)
{
	clock_update();
	CHECK(loop_init() == 0 && conn_table_init(64) == 0);
	pool = pool_create(POOL_BLOCK);
	u = (struct upstream){.name = STR("backend"), .pool = pool, .keepalive = 8, .queue_timeout = 10000};
	u.keepalive_requests = 1000;
	u.keepalive_timeout = u.keepalive_time = 100000;
	upstream_stats = (struct upstream_stats){0};
	memset(uses, 0, sizeof(uses));
	for (int i = 0; i < USES; i++)
		answers[i] = NOTHING;
	order_count = 0;
	listeners[0] = listeners[1] = -1;
	for (int i = 0; i < servers; i++)
		listen_on(i);
	CHECK(group_init(&u) == NULL);
	ask_init();
	ask_start(&u);
}

static void stop_server(int i)
{
	if (listeners[i] >= 0)
		close(listeners[i]);
	listeners[i] = -1;
	while (accepted_count[i] > 0)
		close(accepted[i][--accepted_count[i]]);
}

static void end(void)
{
	for (int i = 0; i < USES; i++) {
		if (uses[i].upstream != NULL)
			upstream_leave(&uses[i]);
		CHECK(!heap_has(&uses[i].timer.place)); /* its memory may be freed now */
	}
	CHECK_NUMBER(0, upstream_stats.busy);
	CHECK_NUMBER(0, upstream_stats.waiting);
	ask_stop(&u);
	CHECK_NUMBER(0, upstream_stats.idle);
	stop_server(0);
	stop_server(1);
	conn_table_fini();
	timers_fini();
	loop_fini();
	pool_destroy(pool);
	alloc_fini(&alloc_main);
	pool_release_kept();
}

static void accept_all(void)
{
	for (int i = 0; i < SERVERS; i++)
		for (int fd; listeners[i] >= 0 && (fd = accept(listeners[i], NULL, NULL)) >= 0;)
			accepted[i][accepted_count[i]++] = fd;
}

/* ---- the requests */

static void on_answer(struct upstream_use *use, enum upstream_answer answer)
{
	answers[use - uses] = answer;
	order[order_count++] = (int)(use - uses);
	CHECK((use->conn != NULL) == (answer == UPSTREAM_CONNECTED));
}

static void turns(int count)
{
	static const struct conn_calls calls = {.on_posted = conn_close};

	while (count-- > 0) {
		struct conn *c = conn_open(dup(0), &calls, NULL); /* so that the loop does not wait */

		conn_post(c);
		loop_turn();
		accept_all();
	}
}

static int wait_for(int i)
{
	while (answers[i] == UPSTREAM_WAIT) {
		loop_turn();
		accept_all();
	}
	return answers[i];
}

static int begin_asking(int i)
{
	uses[i] = (struct upstream_use){.upstream = &u, .connect_timeout = 10000, .on_answer = on_answer};
	return answers[i] = (int)upstream_ask(&uses[i]);
}

static int ask(int i)
{
	begin_asking(i);
	return wait_for(i);
}

static int ask_next(int i)
{
	answers[i] = (int)upstream_next(&uses[i]);
	return wait_for(i);
}

static void connects(int i, bool reused)
{
	CHECK_NUMBER(UPSTREAM_CONNECTED, ask(i));
	CHECK_NUMBER(reused, uses[i].reused);
	accept_all();
}

/* ---- kept connections */

static void kept_and_used_again(void)
{
	int fd;

	begin(1);
	connects(0, false);
	fd = uses[0].conn->fd;
	upstream_give_back(&uses[0], true);
	CHECK_NUMBER(1, upstream_stats.idle);
	connects(1, true);
	CHECK_NUMBER(fd, uses[1].conn->fd);
	connects(2, false); /* the first one is used */
	upstream_give_back(&uses[1], true);
	upstream_give_back(&uses[2], true);
	CHECK_NUMBER(2, upstream_stats.idle);
	upstream_leave(&uses[2]); /* all has been given back: nothing happens */
	CHECK_NUMBER(2, upstream_stats.idle);
	connects(3, true);
	upstream_give_back(&uses[3], false);
	CHECK_NUMBER(1, upstream_stats.idle);
	CHECK_NUMBER(2, accepted_count[0]);
	end();
}

/* What a server may do to an idle connection, seen by the loop before the next request, or not. */
static void dead_ones_are_not_used(void (*harm)(int fd), bool seen)
{
	begin(1);
	connects(0, false);
	upstream_give_back(&uses[0], true);
	harm(accepted[0][0]);
	if (seen) {
		turns(2);
		CHECK_NUMBER(0, upstream_stats.idle);
	}
	connects(1, false);
	CHECK_NUMBER(2, accepted_count[0]);
	end();
}

static void ends(int fd)
{
	shutdown(fd, SHUT_WR);
}

static void resets(int fd)
{
	net_reset_on_close(fd);
	shutdown(fd, SHUT_RDWR);
}

static void talks(int fd)
{
	CHECK_NUMBER(5, write(fd, "junk!", 5));
}

/* It talks before the connection is given back: more than the answer. */
static void more_than_the_answer(void)
{
	begin(1);
	connects(0, false);
	talks(accepted[0][0]);
	turns(1);
	upstream_give_back(&uses[0], true);
	CHECK_NUMBER(0, upstream_stats.idle);
	end();
}

static void limits_of_keeping(void)
{
	begin(1);
	u.keepalive = 2;
	for (int i = 0; i < 3; i++)
		connects(i, false);
	for (int i = 0; i < 3; i++)
		upstream_give_back(&uses[i], true);
	CHECK_NUMBER(2, upstream_stats.idle);
	u.keepalive_requests = 2;
	connects(0, true);
	upstream_give_back(&uses[0], true); /* its second request */
	CHECK_NUMBER(1, upstream_stats.idle);
	u.keepalive_time = 0;
	connects(0, true);
	u.keepalive_requests = 1000;
	upstream_give_back(&uses[0], true);
	CHECK_NUMBER(0, upstream_stats.idle);
	u.keepalive_time = 100000;
	u.keepalive_timeout = 20;
	connects(0, false);
	upstream_give_back(&uses[0], true);
	CHECK_NUMBER(1, upstream_stats.idle);
	while (upstream_stats.idle > 0)
		loop_turn();
	ask_leave(&u);
	connects(0, false);
	upstream_give_back(&uses[0], true);
	CHECK_NUMBER(0, upstream_stats.idle);
	end();
}

/* A full table of slots closes idle ones for new connections. */
static void idle_ones_give_way(void)
{
	static const struct conn_calls calls = {0};

	begin(1);
	connects(0, false);
	upstream_give_back(&uses[0], true);
	while (upstream_stats.idle > 0)
		CHECK(conn_open(dup(0), &calls, NULL) != NULL);
	end();
}

static void only_from_the_same_address(void)
{
	struct address a, b, c;

	begin(1);
	CHECK(address_parse(&a, STR("127.0.0.2:0"), 0) == NULL && address_parse(&b, STR("127.0.0.3:0"), 0) == NULL);
	CHECK(address_parse(&c, STR("127.0.0.4:0"), 0) == NULL);
	const struct address *from[] = {&a, &b, NULL, &a};

	for (int i = 0; i < 4; i++) {
		uses[i] = (struct upstream_use){.upstream = &u, .connect_timeout = 10000, .on_answer = on_answer, .bind = from[i]};
		answers[i] = (int)upstream_ask(&uses[i]);
		CHECK_NUMBER(UPSTREAM_CONNECTED, wait_for(i));
		CHECK_NUMBER(i == 3, uses[i].reused);
		upstream_give_back(&uses[i], true);
	}
	CHECK_NUMBER(3, upstream_stats.idle);
	u.pool_max = 3; /* a fourth one has no place beside the idle ones */
	uses[4] = (struct upstream_use){.upstream = &u, .connect_timeout = 10000, .on_answer = on_answer, .bind = &c};
	answers[4] = (int)upstream_ask(&uses[4]);
	CHECK_NUMBER(UPSTREAM_CONNECTED, wait_for(4));
	CHECK_NUMBER(2, upstream_stats.idle);
	end();
}

/* ---- failures */

static void refused(void)
{
	begin(2);
	close(listeners[0]);
	listeners[0] = -1;
	CHECK_NUMBER(UPSTREAM_REFUSED, ask(0));
	CHECK_NUMBER(ECONNREFUSED, uses[0].error);
	CHECK(upstream_has_next(&uses[0]));
	CHECK_NUMBER(UPSTREAM_CONNECTED, ask_next(0));
	CHECK_NUMBER(1, uses[0].server);
	upstream_fail(&uses[0]);
	CHECK(!upstream_has_next(&uses[0]));
	CHECK_NUMBER(UPSTREAM_NONE_LIVE, ask_next(0));
	CHECK_NUMBER(UPSTREAM_NONE_LIVE, ask(1)); /* both have failed lately */
	CHECK_STR("backend", uses[1].name);
	now.ms += 10001;
	connects(2, false); /* they are asked again, the one that was chosen less often first */
	CHECK_NUMBER(1, uses[2].server);
	upstream_give_back(&uses[2], false);
	connects(3, false); /* it has answered: it is in again */
	CHECK_NUMBER(1, uses[3].server);
	end();
}

/* The kernel queues one or two connections that are not accepted; then it does not answer. */
static void no_answer(void)
{
	int i = 0;

	begin(1);
	CHECK_NUMBER(0, listen(listeners[0], 0));
	do {
		uses[i] = (struct upstream_use){.upstream = &u, .connect_timeout = 50, .on_answer = on_answer};
		answers[i] = (int)upstream_ask(&uses[i]);
		while (answers[i] == UPSTREAM_WAIT)
			loop_turn();
	} while (answers[i++] == UPSTREAM_CONNECTED && i < USES);
	CHECK_NUMBER(UPSTREAM_TIMED_OUT, answers[i - 1]);
	CHECK_NUMBER(504, upstream_status(UPSTREAM_TIMED_OUT));
	end();
}

static void again_after_a_dead_one(void)
{
	begin(2);
	connects(0, false);
	upstream_give_back(&uses[0], true);
	connects(1, false);
	upstream_give_back(&uses[1], true);
	connects(2, true);
	answers[2] = (int)upstream_again(&uses[2]);
	CHECK_NUMBER(UPSTREAM_CONNECTED, wait_for(2));
	CHECK_NUMBER(false, uses[2].reused);
	CHECK_NUMBER(0, uses[2].server);
	CHECK_NUMBER(1, upstream_stats.busy);
	CHECK_NUMBER(1, upstream_stats.idle); /* that to the other server */
	CHECK(upstream_has_next(&uses[2]));
	end();
}

/* ---- the queue */

static void in_order(void)
{
	int served = 0;

	begin(1);
	u.pool_max = 1;
	u.queue_most = 4;
	connects(0, false);
	for (int i = 1; i <= 4; i++)
		CHECK_NUMBER(UPSTREAM_WAIT, begin_asking(i));
	CHECK_NUMBER(4, upstream_stats.waiting);
	CHECK_NUMBER(UPSTREAM_QUEUE_FULL, begin_asking(5));
	upstream_leave(&uses[2]); /* its client has gone */
	CHECK_NUMBER(UPSTREAM_WAIT, begin_asking(6));
	order_count = 0;
	for (int last = 0; order_count < 4;) {
		upstream_give_back(&uses[last], true);
		CHECK_NUMBER(1, upstream_stats.idle);
		CHECK_NUMBER(UPSTREAM_WAIT, answers[6]); /* never from inside */
		turns(1);
		CHECK_NUMBER(++served, order_count);
		last = order[order_count - 1];
		CHECK_NUMBER(UPSTREAM_CONNECTED, answers[last]);
		CHECK(uses[last].reused);
	}
	CHECK(order[0] == 1 && order[1] == 3 && order[2] == 4 && order[3] == 6);
	CHECK_NUMBER(1, accepted_count[0]);
	end();
}

/* When the connection was closed, a new one is made for the first that waits. */
static void a_closed_one_is_replaced(void)
{
	begin(1);
	u.pool_max = 1;
	u.queue_most = 4;
	connects(0, false);
	CHECK_NUMBER(UPSTREAM_WAIT, begin_asking(1));
	upstream_give_back(&uses[0], false);
	CHECK_NUMBER(UPSTREAM_CONNECTED, wait_for(1));
	CHECK(!uses[1].reused);
	CHECK_NUMBER(UPSTREAM_WAIT, begin_asking(2));
	upstream_leave(&uses[1]);
	CHECK_NUMBER(UPSTREAM_CONNECTED, wait_for(2));
	CHECK_NUMBER(UPSTREAM_WAIT, begin_asking(3));
	upstream_fail(&uses[2]); /* the only server is asked whatever happened */
	CHECK_NUMBER(UPSTREAM_CONNECTED, wait_for(3));
	end();
}

/* One that comes in the moment between does not overtake those that wait. */
static void no_overtaking(void)
{
	begin(1);
	u.pool_max = 1;
	u.queue_most = 4;
	connects(0, false);
	CHECK_NUMBER(UPSTREAM_WAIT, begin_asking(1));
	upstream_give_back(&uses[0], true);
	CHECK_NUMBER(UPSTREAM_WAIT, begin_asking(2));
	turns(2);
	CHECK_NUMBER(UPSTREAM_CONNECTED, answers[1]);
	CHECK_NUMBER(UPSTREAM_WAIT, answers[2]);
	end();
}

static void too_long(void)
{
	int64_t start;

	begin(1);
	u.pool_max = 1;
	u.queue_most = 4;
	u.queue_timeout = 30;
	connects(0, false);
	start = now.ms;
	begin_asking(1);
	CHECK_NUMBER(UPSTREAM_QUEUE_TIMEOUT, wait_for(1));
	CHECK(now.ms - start >= 30);
	CHECK_NUMBER(504, upstream_status((enum upstream_answer)answers[1]));
	CHECK_NUMBER(0, upstream_stats.waiting);
	end();
}

/* Those that wait are told when there is nothing left to wait for, and when a server returns. */
static void servers_fail_while_one_waits(void)
{
	begin(2);
	u.pool_max = 1;
	u.queue_most = 4;
	connects(0, false);
	connects(1, false);
	begin_asking(2);
	upstream_fail(&uses[0]);
	turns(1);
	CHECK_NUMBER(UPSTREAM_WAIT, answers[2]); /* the other one is full */
	upstream_fail(&uses[1]);
	CHECK_NUMBER(UPSTREAM_NONE_LIVE, wait_for(2));
	end();

	begin(2);
	u.pool_max = 1;
	u.queue_most = 4;
	u.servers[0].fail_timeout = 1;
	connects(0, false);
	connects(1, false);
	begin_asking(2);
	upstream_fail(&uses[0]);
	CHECK_NUMBER(UPSTREAM_CONNECTED, wait_for(2)); /* nothing else happens: it is seen in time */
	CHECK_NUMBER(0, uses[2].server);
	end();
}

/* The first waits for a server that it has not tried; the second may have the other one. */
static void past_one_that_cannot(void)
{
	begin(2);
	u.pool_max = 1;
	u.queue_most = 4;
	u.servers[0].max_fails = u.servers[1].max_fails = 0;
	connects(0, false);
	connects(1, false);
	CHECK_NUMBER(0, uses[0].server);
	upstream_fail(&uses[0]);
	CHECK_NUMBER(UPSTREAM_WAIT, answers[0] = (int)upstream_next(&uses[0])); /* server 1 */
	begin_asking(2);
	CHECK_NUMBER(UPSTREAM_CONNECTED, wait_for(2));
	CHECK_NUMBER(0, uses[2].server);
	CHECK_NUMBER(UPSTREAM_WAIT, answers[0]);
	upstream_give_back(&uses[1], true);
	CHECK_NUMBER(UPSTREAM_CONNECTED, wait_for(0));
	CHECK_NUMBER(1, uses[0].server);
	end();
}

/* ---- anything, in any order */

static uint32_t random_state;

static uint32_t any(uint32_t below)
{
	random_state = random_state * 1664525 + 1013904223;
	return (random_state >> 16) % below;
}

static void check_pool(void)
{
	uint64_t busy = 0, idle = 0;

	for (uint32_t i = 0; i < u.count; i++) {
		const struct backend *s = &u.servers[i];

		CHECK(s->busy + s->idle_count <= (uint32_t)u.pool_max);
		CHECK_NUMBER(s->busy, u.states[i].conns);
		busy += s->busy;
		idle += s->idle_count;
	}
	CHECK_NUMBER(busy, upstream_stats.busy);
	CHECK_NUMBER(idle, upstream_stats.idle);
	CHECK_NUMBER(idle, u.idle_count);
	CHECK_NUMBER(u.queue_count, upstream_stats.waiting);
	CHECK(u.queue_count <= u.queue_most);
}

static void act(int i)
{
	if (answers[i] == NOTHING) {
		begin_asking(i);
	} else if (answers[i] == UPSTREAM_WAIT) {
		if (any(4) == 0) {
			upstream_leave(&uses[i]);
			answers[i] = NOTHING;
		}
	} else if (answers[i] != UPSTREAM_CONNECTED) {
		if (answers[i] >= UPSTREAM_REFUSED && any(2) == 0) {
			answers[i] = (int)upstream_next(&uses[i]);
			return;
		}
		upstream_leave(&uses[i]);
		answers[i] = NOTHING;
	} else {
		switch (any(6)) {
		case 0:
			upstream_fail(&uses[i]);
			answers[i] = (int)upstream_next(&uses[i]);
			return;
		case 1:
			answers[i] = (int)upstream_again(&uses[i]);
			return;
		case 2: upstream_leave(&uses[i]); break;
		case 3: upstream_give_back(&uses[i], false); break;
		default: upstream_give_back(&uses[i], true);
		}
		answers[i] = NOTHING;
	}
}

static void server_acts(int i)
{
	if (accepted_count[i] > 40)
		while (accepted_count[i] > 0)
			close(accepted[i][--accepted_count[i]]);
	else if (accepted_count[i] > 0)
		close(accepted[i][--accepted_count[i]]);
}

static void storm(uint32_t seed, bool starved)
{
	random_state = seed;
	begin(2);
	u.pool_max = 1 + any(3);
	u.queue_most = any(5);
	u.method = any(2) == 0 ? BALANCE_LEAST_CONN : BALANCE_ROUND_ROBIN;
	for (int i = 0; i < SERVERS; i++) {
		u.servers[i].fail_timeout = 1;
		u.servers[i].max_conns = any(4);
	}
	for (int step = 0; step < 400; step++) {
		if (starved && step == 200)
			alloc_fail_from(1 + any(20));
		act((int)any(USES));
		if (any(5) == 0)
			server_acts((int)any(SERVERS));
		if (any(3) == 0)
			turns(1);
		order_count = 0;
		check_pool();
	}
	alloc_fail_from(0);
	end();
}

int main(int argc, char **argv)
{
	uint32_t storms = argc > 1 ? 6 : 40; /* in valgrind it is slow */
	int before = descriptors();

	(void)argv;

	kept_and_used_again();
	dead_ones_are_not_used(ends, false);
	dead_ones_are_not_used(ends, true);
	dead_ones_are_not_used(resets, false);
	dead_ones_are_not_used(resets, true);
	dead_ones_are_not_used(talks, false);
	dead_ones_are_not_used(talks, true);
	more_than_the_answer();
	limits_of_keeping();
	idle_ones_give_way();
	only_from_the_same_address();
	refused();
	no_answer();
	again_after_a_dead_one();
	in_order();
	a_closed_one_is_replaced();
	no_overtaking();
	too_long();
	servers_fail_while_one_waits();
	past_one_that_cannot();
	for (uint32_t seed = 1; seed <= storms; seed++)
		storm(seed, seed % 2 == 0);
	CHECK_NUMBER(before, descriptors());
	return 0;
}
