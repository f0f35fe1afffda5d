/* The index of a cache: counts against a shadow, order of eviction, one that fetches, and what
 * a killed process leaves behind. */
#include "modules/cache/files/index.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "event/board.h"
#include "mem/shm.h"
#include "unit.h"

enum { ZONE = 128 * 1024, NAMES = 300 };

static struct zone zone;

static struct cache_name name_of(unsigned n)
{
	struct cache_name name;
	struct md5 m;

	md5_init(&m);
	md5_add(&m, (struct str){(const char *)&n, sizeof(n)});
	md5_end(&m, name.bytes);
	return name;
}

static bool same(const struct cache_name *a, struct cache_name b)
{
	return memcmp(a, &b, sizeof(b)) == 0;
}

static uint32_t use(unsigned n)
{
	struct cache_name name = name_of(n);
	struct index_look look;

	now.ms++;
	return index_use(&zone, &name, &look) ? look.uses : 0;
}

static void empty(void)
{
	struct cache_name name;
	struct index_totals t;

	while (index_take_oldest(&zone, INT64_MAX, &name))
		;
	index_totals(&zone, &t);
	CHECK_NUMBER(0, t.names);
	CHECK_NUMBER(0, t.files);
	CHECK_NUMBER(0, t.bytes);
}

static void counts(void)
{
	static int64_t sizes[NAMES];
	struct index_totals t;

	srand(5);
	for (int round = 0; round < 20000; round++) {
		unsigned n = (unsigned)rand() % NAMES;
		struct cache_name name = name_of(n);
		int64_t bytes = 0;
		uint32_t files = 0;

		switch (rand() % 3) {
		case 0:
			sizes[n] = 1 + rand() % 20000;
			CHECK(index_found(&zone, &name, sizes[n]));
			break;
		case 1:
			index_drop(&zone, &name);
			sizes[n] = 0;
			break;
		default:
			CHECK(use(n) > 0);
		}
		if (round % 100 != 0)
			continue;
		for (int i = 0; i < NAMES; i++) {
			bytes += (sizes[i] + 4095) / 4096 * 4096;
			files += sizes[i] > 0;
		}
		index_totals(&zone, &t);
		CHECK_NUMBER(bytes, t.bytes);
		CHECK_NUMBER(files, t.files);
	}
	empty();
}

static void order(void)
{
	struct cache_name name;
	int64_t moment;

	for (unsigned n = 0; n < 10; n++)
		CHECK_NUMBER(1, use(n));
	CHECK_NUMBER(2, use(0));
	CHECK_NUMBER(2, use(5));
	moment = now.ms;
	CHECK_NUMBER(2, use(1));
	for (unsigned n = 2; n < 10; n++) {
		if (n == 5)
			continue;
		CHECK(index_take_oldest(&zone, moment, &name));
		CHECK(same(&name, name_of(n)));
	}
	CHECK(index_take_oldest(&zone, moment, &name) && same(&name, name_of(0)));
	CHECK(!index_take_oldest(&zone, moment, &name)); /* 5 at that moment, 1 after it */
	CHECK_NUMBER(1, use(2));
	empty();
}

static void one_fills(void)
{
	struct cache_name name = name_of(1), other;
	struct index_look look;
	uint32_t fill, second;

	CHECK_NUMBER(0, index_begin_fill(&zone, &name, 5000)); /* not known */
	use(1);
	fill = index_begin_fill(&zone, &name, 5000);
	CHECK(fill != 0);
	CHECK_NUMBER(0, index_begin_fill(&zone, &name, 5000));
	CHECK(index_use(&zone, &name, &look) && look.is_filled && !look.on_disk);
	CHECK(!index_take_oldest(&zone, INT64_MAX, &other));
	now.ms += 4999;
	CHECK_NUMBER(0, index_begin_fill(&zone, &name, 5000));
	now.ms++;
	second = index_begin_fill(&zone, &name, 5000);
	CHECK(second != 0 && second != fill);
	index_end_fill(&zone, &name, fill, 100); /* the first comes late: the lock is not its */
	CHECK(index_use(&zone, &name, &look) && look.is_filled && look.on_disk);
	index_end_fill(&zone, &name, second, -1);
	CHECK(index_use(&zone, &name, &look) && !look.is_filled && look.on_disk);
	empty();
}

/* Full: what was used longest ago goes, and its file's name is told, once. */
static void full(void)
{
	struct index_look look;
	struct cache_name name;
	unsigned n = 0, first;

	do {
		name = name_of(n++);
		CHECK(index_use(&zone, &name, &look));
		CHECK(index_found(&zone, &name, 1));
	} while (!look.evicted);
	CHECK(same(&look.evicted_name, name_of(0)));
	CHECK(n > ZONE / 200); /* 8000 in a megabyte */
	first = n;
	for (; n < first + 100; n++) {
		name = name_of(n);
		CHECK(!index_found(&zone, &name, 1)); /* a file that is found drives none out */
		CHECK(index_use(&zone, &name, &look) && look.evicted);
		CHECK(same(&look.evicted_name, name_of(n - first + 1)));
		index_found(&zone, &name, 1);
	}
	empty();
}

/* A process is killed while it fetches: another one may fetch as soon as it is reaped. */
static void filler_killed(void)
{
	struct cache_name name = name_of(7);
	pid_t child;
	struct board_slot *slot = board_take();

	use(7);
	child = fork();
	if (child == 0) {
		board_enter(slot);
		if (index_begin_fill(&zone, &name, 5000) != 0)
			raise(SIGKILL);
		_exit(1);
	}
	CHECK_NUMBER(child, waitpid(child, NULL, 0));
	CHECK_NUMBER(0, index_begin_fill(&zone, &name, 5000));
	board_settle(slot);
	CHECK(index_begin_fill(&zone, &name, 5000) != 0);
	index_end_fill(&zone, &name, UINT32_MAX, -1);
}

static void work_for_ever(unsigned seed)
{
	srand(seed);
	for (;;) {
		struct cache_name name = name_of((unsigned)rand() % 2000);
		struct index_look look;
		uint32_t fill;

		now.ms++;
		index_use(&zone, &name, &look);
		fill = index_begin_fill(&zone, &name, 10);
		index_end_fill(&zone, &name, fill, rand() % 3 ? rand() % 10000 : -1);
		if (rand() % 5 == 0)
			index_drop(&zone, &name);
		if (rand() % 7 == 0)
			index_take_oldest(&zone, now.ms - 100, &name);
	}
}

/* Killed in the middle of a change: it begins again, empty, and has to be loaded again. */
static void killed_inside(void)
{
	uint32_t resets = zone.slab->resets;
	struct index_totals t;
	pid_t child;

	use(1);
	index_set_loaded(&zone, resets);
	child = fork();
	if (child == 0) {
		slab_lock(zone.slab);
		raise(SIGKILL);
	}
	CHECK_NUMBER(child, waitpid(child, NULL, 0));
	shmutex_force_unlock(&zone.slab->mutex, child);
	index_totals(&zone, &t);
	CHECK(!t.loaded && t.names == 0);
	index_set_loaded(&zone, resets); /* by one who began before */
	index_totals(&zone, &t);
	CHECK(!t.loaded);
	CHECK_NUMBER(1, use(1));
}

/* Killed at any moment, many times: it is right, or it is empty and not loaded. */
static void killed_anywhere(void)
{
	for (unsigned i = 0; i < 60; i++) {
		uint32_t resets = zone.slab->resets;
		struct index_totals t;
		pid_t child;

		index_set_loaded(&zone, resets);
		child = fork();
		if (child == 0)
			work_for_ever(i);
		usleep(500 + i * 30);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		shmutex_force_unlock(&zone.slab->mutex, child);
		index_totals(&zone, &t);
		CHECK_NUMBER(zone.slab->resets == resets, t.loaded);
		CHECK(t.files <= t.names && t.bytes >= 0 && t.bytes % 4096 == 0);
		CHECK(use(1) > 0);
	}
	index_set_loaded(&zone, zone.slab->resets - 1);
}

int main(void)
{
	struct shm *memory = shm_create(ZONE);

	fclose(stderr); /* the alerts */
	clock_update();
	CHECK(memory != NULL && board_open() == 0);
	zone = (struct zone){.name = STR("unit"), .shm = memory, .size = ZONE};
	zone.slab = slab_init(memory->memory, ZONE, zone.name);
	counts();
	order();
	one_fills();
	full();
	filler_killed();
	killed_inside();
	killed_anywhere();
	shmutex_fini(&zone.slab->mutex);
	shm_put(memory);
	board_close();
	return 0;
}
