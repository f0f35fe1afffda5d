/* The checks of lab 9 that students do not see. */
#include "late.h"
#include "table.h"

#include "kernel.h"

#include <stdio.h>

CHECK(three)
{
	scene_check("three");
}

CHECK(use_reopen)
{
	scene_check("use-reopen");
}

CHECK(lists)
{
	scene_check("lists");
}

CHECK(wrap)
{
	struct program *p = puppet();
	long most = variant("GENERATION_MOST"), time = 0;

	for (int i = 1; i < variant("SLOTS"); i++)
		open_slot(p, 10 + i);
	for (long generation = 1; generation <= most + 1; generation++) {
		unsigned long handle;

		scene("client %ld of one slot; GENERATION_MOST is %ld", generation, most);
		handle = open_slot(p, 5);
		expect_number("the generation", generation > most ? 1 : generation, (long)(handle >> 32));
		expect_answer(p, "shutdown 5 close 5 true", "close 0x%lx", handle);
		expect_answer(p, "freed 1", "tick %ld", time += variant("PARK_MS"));
	}
}

/* ---- random calls, beside a model --------------------------------------------------------- */

enum { SLOTS_MOST = 64 };

static struct {
	unsigned long handle; /* 0: the slot is free */
	int pins;             /* with the one of an open slot */
	bool closing;
	long due; /* 0: it is not parked */
} model[SLOTS_MOST];
static long model_time;

static int fd_of(int k)
{
	return 10 + k;
}

static void model_tick(struct program *p)
{
	char answer[64];
	int freed = 0;

	model_time += (long)(dice() % 40);
	for (int k = 0; k < variant("SLOTS"); k++)
		if (model[k].due && model[k].due <= model_time) {
			model[k].handle = 0;
			model[k].due = 0;
			freed++;
		}
	snprintf(answer, sizeof answer, "freed %d", freed);
	expect_answer(p, answer, "tick %ld", model_time);
}

static void model_open(struct program *p, int k)
{
	model[k].handle = open_slot(p, fd_of(k));
	model[k].pins = 1;
	model[k].closing = false;
}

static void model_acquire(struct program *p, int k)
{
	char answer[64];

	snprintf(answer, sizeof answer, "descriptor %d", model[k].closing ? -1 : fd_of(k));
	expect_answer(p, answer, "acquire 0x%lx", model[k].handle);
	model[k].pins += !model[k].closing;
}

/* One pin less: was it the last one? */
static bool model_unpin(int k)
{
	if (--model[k].pins > 0)
		return false;
	model[k].due = model_time + variant("PARK_MS");
	return true;
}

static void model_release(struct program *p, int k)
{
	char answer[64] = "";

	if (model[k].pins == !model[k].closing)
		return; /* no thread has pinned it */
	if (model_unpin(k))
		snprintf(answer, sizeof answer, "close %d", fd_of(k));
	expect_answer(p, answer, "release 0x%lx", model[k].handle);
}

static void model_close(struct program *p, int k)
{
	char answer[64];

	if (model[k].closing)
		return;
	model[k].closing = true;
	if (model_unpin(k))
		snprintf(answer, sizeof answer, "shutdown %d close %d true", fd_of(k), fd_of(k));
	else
		snprintf(answer, sizeof answer, "shutdown %d true", fd_of(k));
	expect_answer(p, answer, "close 0x%lx", model[k].handle);
}

static void model_call(struct program *p)
{
	int k = (int)(dice() % (unsigned long)variant("SLOTS")), kind = (int)(dice() % 5);

	if (kind == 0)
		model_tick(p);
	else if (!model[k].handle)
		model_open(p, k);
	else if (model[k].due)
		return; /* parked: no thread has a right to its handle */
	else if (kind == 1)
		model_acquire(p, k);
	else if (kind == 2)
		model_release(p, k);
	else if (kind == 3)
		model_close(p, k);
}

CHECK(model)
{
	struct program *p = puppet();

	for (int i = 1; i <= 1500; i++) {
		scene("call %d of a random script", i);
		model_call(p);
	}
}

/* ---- clients that leave while threads work for them ---------------------------------------- */

enum { CLIENTS = 80, STAYING = 3, WORKERS = 4 };

static struct peer *staying[STAYING];
static char keys[STAYING][16];

/* Each of those who stayed has its own answer, and nothing else. */
static void answers_come(struct peer *dora)
{
	for (int i = 0; i < STAYING && staying[i]; i++) {
		late_gate(dora, keys[i]);
		peer_expect(staying[i], "DONE %s", keys[i]);
		peer_say(staying[i], "BYE\n");
		peer_expect_end(staying[i]);
		peer_close(staying[i]);
		staying[i] = NULL;
	}
}

/* It asks, and leaves before the gate is open. */
static void asks_and_leaves(struct peer *p, struct peer *dora, const char *key)
{
	peer_say(p, "%s %s\n", dice() % 2 ? "WORK" : "LATER", key);
	if (dice() % 2)
		peer_say(p, "BYE\n");
	if (dice() % 2)
		peer_reset(p);
	else
		peer_close(p);
	late_gate(dora, key);
}

CHECK(storm)
{
	struct program *server = late_server(WORKERS, 64);
	struct peer *dora = late_client(server, "dora");
	int before = process_fds(program_pid(server)), stay = 0;
	char key[16];

	for (int i = 0; i < CLIENTS; i++) {
		struct peer *p;

		scene("%d clients have come", i);
		p = late_client(server, "ann");
		snprintf(key, sizeof key, "k%d", i);
		if (dice() % 3) {
			asks_and_leaves(p, dora, key);
			continue;
		}
		peer_say(p, "%s %s\n", dice() % 2 ? "WORK" : "LATER", key);
		snprintf(keys[stay], sizeof *keys, "%s", key);
		staying[stay++] = p;
		if (stay == STAYING) {
			answers_come(dora);
			stay = 0;
		}
	}
	answers_come(dora);
	late_until(dora, 1, 0, 0, 0, 0);
	expect_number("open descriptors:", before, process_fds(program_pid(server)));
	program_stop(server);
}

CHECK(other_numbers)
{
	check_again("park");
	check_again("wrap");
}

CHECK(clean)
{
	check_again("stale");
	check_again("pins");
	check_again("left"); /* with real threads */
}
