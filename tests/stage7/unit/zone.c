/* Zones of configurations that follow each other: what is kept, and for how long. */
#include "conf/zone.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

static void on_error(const char *message)
{
	printf("%s\n", message);
}

/* A configuration with the zones "one" and, of this size and purpose, "two". */
static struct zones *configuration(const struct zones *before, size_t size, const char *purpose)
{
	struct zones *zones = zones_create();
	struct conf cf = {.zones = zones, .on_error = on_error};

	CHECK(zones != NULL);
	CHECK(zone_add(&cf, STR("one"), STR("test"), SLAB_LEAST) != NULL);
	CHECK(zone_add(&cf, STR("two"), str_from(purpose), size) != NULL);
	CHECK_NUMBER(0, zones_open(&cf, zones, before));
	return zones;
}

static struct slab *slab_of(const struct zones *zones, int number)
{
	return number == 1 ? zones->list->slab : zones->list->next->slab;
}

static void reload(void)
{
	struct zones *first = configuration(NULL, SLAB_LEAST, "test"), *second, *third;

	slab_of(first, 1)->root = first;
	CHECK_NUMBER(2, shm_stats.mappings);
	second = configuration(first, 2 * SLAB_LEAST, "test");
	CHECK(slab_of(second, 1) == slab_of(first, 1));
	CHECK(slab_of(second, 2) != slab_of(first, 2));
	CHECK_NUMBER(3, shm_stats.mappings);
	zones_put(first);
	CHECK_NUMBER(2, shm_stats.mappings);
	CHECK(slab_of(second, 1)->root == first); /* still mapped, still the same */
	third = configuration(second, 2 * SLAB_LEAST, "other");
	CHECK(slab_of(third, 2) != slab_of(second, 2));
	zones_put(third); /* it was no good: the second stays */
	CHECK_NUMBER(2, shm_stats.mappings);
	CHECK(slab_of(second, 1)->root == first);
	zones_put(second);
	CHECK_NUMBER(0, shm_stats.mappings);
}

/* An old worker is killed while it holds the lock of a zone that only old workers have. */
static void given_up_but_held(void)
{
	struct zones *old = configuration(NULL, SLAB_LEAST, "test"), *new;
	struct slab *s = slab_of(old, 2);
	pid_t worker;

	zones_get(old); /* the worker's */
	worker = fork();
	if (worker == 0) {
		slab_lock(s);
		raise(SIGKILL);
	}
	new = configuration(old, 2 * SLAB_LEAST, "test");
	zones_put(old);
	CHECK_NUMBER(3, shm_stats.mappings);
	CHECK_NUMBER(worker, waitpid(worker, NULL, 0));
	CHECK(!shmutex_trylock(&s->mutex));
	zones_force_unlock(old, worker);
	CHECK(shmutex_trylock(&s->mutex));
	shmutex_unlock(&s->mutex);
	zones_put(old);
	CHECK_NUMBER(2, shm_stats.mappings);
	zones_put(new);
}

int main(void)
{
	fclose(stderr); /* the alerts */
	reload();
	given_up_but_held();
	CHECK_NUMBER(0, shm_stats.mappings);
	CHECK_NUMBER(0, shm_stats.bytes);
	pool_release_kept();
	return 0;
}
