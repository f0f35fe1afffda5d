/* What all workers count together: processes that take, give back, end, and are killed at any moment. */
#include "modules/upstream/count.h"

#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "event/board.h"
#include "mem/shm.h"
#include "unit.h"

enum { SERVERS = 3, WORKERS = 4, SIZE = 64 * 1024 };

static struct zone zone = {.name = {"z", 1}, .size = SIZE};
static struct upstream u;
static struct backend servers[SERVERS];
static struct board_slot *own_slot;

static void begin(void)
{
	CHECK(board_open() == 0);
	zone.shm = shm_create(SIZE);
	CHECK(zone.shm != NULL && count_room(SERVERS) <= SIZE);
	zone.slab = slab_init(zone.shm->memory, SIZE, zone.name);
	memset(servers, 0, sizeof(servers));
	for (uint32_t i = 0; i < SERVERS; i++)
		servers[i].weight = i + 1;
	u = (struct upstream){.name = STR("u"), .servers = servers, .count = SERVERS, .primaries = SERVERS, .zone = &zone};
	upstream_stats = (struct upstream_stats){0};
	own_slot = board_take();
	board_enter(own_slot);
}

static void end(void)
{
	board_settle(own_slot);
	shm_put(zone.shm);
	board_close();
}

static void take(uint32_t server, int count)
{
	while (count-- > 0) {
		count_lock(&u);
		count_in(&u, server);
		count_unlock(&u);
	}
}

static void conns_are(int a, int b, int c)
{
	count_lock(&u);
	CHECK_NUMBER(a, u.states[0].conns);
	CHECK_NUMBER(b, u.states[1].conns);
	CHECK_NUMBER(c, u.states[2].conns);
	CHECK_NUMBER(3, u.states[2].effective);
	count_unlock(&u);
}

/* A worker that does something, then waits until it is killed. */
static pid_t worker(struct board_slot **slot, void (*work)(void))
{
	int ready[2];
	char byte;
	pid_t pid;

	*slot = board_take();
	CHECK(pipe(ready) == 0);
	pid = fork();
	if (pid == 0) {
		board_enter(*slot);
		work();
		CHECK_NUMBER(1, write(ready[1], "", 1));
		for (;;)
			pause();
	}
	CHECK_NUMBER(1, read(ready[0], &byte, 1));
	close(ready[0]);
	close(ready[1]);
	return pid;
}

/* As the master does it. */
static bool reap(pid_t pid, struct board_slot *slot)
{
	bool held;

	kill(pid, SIGKILL);
	CHECK_NUMBER(pid, waitpid(pid, NULL, 0));
	held = shmutex_force_unlock(&zone.slab->mutex, pid);
	board_settle(slot);
	return held;
}

static void takes_some(void)
{
	/* the connections of the process that it was forked from are not its own */
	memset(&servers[0].busy, 0, sizeof(servers[0].busy));
	memset(&servers[1].busy, 0, sizeof(servers[1].busy));
	u.joined = false;
	u.share = NULL;
	take(0, 2);
	take(2, 5);
}

static void takes_some_and_breaks_off(void)
{
	takes_some();
	count_lock(&u);
	u.states[0].conns = 99;
}

static void killed_workers_give_back(void)
{
	pid_t pids[WORKERS];
	struct board_slot *slots[WORKERS];

	begin();
	take(0, 1);
	for (int i = 0; i < WORKERS; i++)
		pids[i] = worker(&slots[i], takes_some);
	conns_are(1 + 2 * WORKERS, 0, 5 * WORKERS);
	CHECK_NUMBER(WORKERS + 1, zone.slab->records);
	for (int i = 0; i < WORKERS; i++) {
		CHECK(!reap(pids[i], slots[i]));
		conns_are(1 + 2 * (WORKERS - 1 - i), 0, 5 * (WORKERS - 1 - i));
	}
	CHECK_NUMBER(1, zone.slab->records);
	count_lock(&u);
	count_out(&u, 0);
	count_unlock(&u);
	conns_are(0, 0, 0);
	end();
}

/* It was killed between lock and unlock: all begins again, with the connections of those who live. */
static void killed_in_the_middle(void)
{
	pid_t living, dead;
	struct board_slot *slots[2];

	begin();
	take(0, 1);
	take(1, 3);
	living = worker(&slots[0], takes_some);
	dead = worker(&slots[1], takes_some_and_breaks_off);
	CHECK(reap(dead, slots[1]));
	conns_are(1, 3, 0); /* our own; the other worker adds its part when it looks */
	CHECK_NUMBER(1, zone.slab->resets);
	count_lock(&u);
	count_out(&u, 1);
	count_unlock(&u);
	conns_are(1, 2, 0);
	CHECK(!reap(living, slots[0]));
	conns_are(1, 2, 0);
	end();
}

/* More workers than the zone has room for: they count for themselves, and nothing is wrong later. */
static void no_room_for_a_share(void)
{
	struct slab *s;
	pid_t pid;
	struct board_slot *slot;

	begin();
	take(0, 1);
	s = zone.slab;
	slab_lock(s);
	for (int n = 2048; n >= 16; n /= 2)
		while (slab_alloc(s, (size_t)n) != NULL)
			;
	slab_unlock(s);
	pid = worker(&slot, takes_some);
	conns_are(1, 0, 0);
	CHECK(!reap(pid, slot));
	conns_are(1, 0, 0);
	end();
}

/* Many processes at once, each takes and gives back; some are killed at any instruction. */
static void busy(void)
{
	takes_some();
	for (uint32_t i = 0;; i++) {
		count_lock(&u);
		count_in(&u, i % SERVERS);
		count_unlock(&u);
		count_lock(&u);
		count_out(&u, i % SERVERS);
		count_unlock(&u);
	}
}

static void killed_at_any_instruction(void)
{
	begin();
	take(1, 2);
	for (int round = 0; round < 12; round++) {
		struct board_slot *slot = board_take();
		pid_t pid = fork();

		if (pid == 0) {
			board_enter(slot);
			busy();
		}
		usleep(500 + 137 * (useconds_t)round);
		reap(pid, slot);
		conns_are(0, 2, 0);
	}
	end();
}

int main(void)
{
	killed_workers_give_back();
	killed_in_the_middle();
	no_room_for_a_share();
	killed_at_any_instruction();
	return 0;
}
