/* Pools: sizes at the borders, cleanups in order, nothing left. */
#include "mem/pool.h"

#include <stdint.h>
#include <unistd.h>

#include "mem/alloc.h"
#include "unit.h"

static char order[8];
static size_t ran;

static void note(void *data)
{
	order[ran++] = *(char *)data;
}

static void cleanups_newest_first(void)
{
	struct pool *p = pool_create(POOL_BLOCK);

	for (const char *c = "abc"; *c != '\0'; c++)
		pool_cleanup_add(p, (void *)c)->run = note;
	CHECK(pool_cleanup_add(p, NULL) != NULL); /* disarmed */
	pool_destroy(p);
	CHECK(ran == 3 && memcmp(order, "cba", 3) == 0);
}

static void descriptors(void)
{
	struct pool *p = pool_create(POOL_BLOCK);
	int fd = dup(0);

	CHECK(pool_cleanup_fd(p, fd) == 0);
	pool_destroy(p);
	CHECK(close(fd) < 0);
}

static void all_sizes(void)
{
	struct pool *p = pool_create(POOL_BLOCK);

	for (size_t n = 0; n < 3 * POOL_BLOCK; n += 7) {
		char *piece = pool_alloc(p, n), *text = pool_bytes(p, n);

		CHECK((uintptr_t)piece % 8 == 0);
		memset(piece, 'x', n);
		memset(text, 'y', n);
	}
	pool_destroy(p);
	CHECK_NUMBER(0, pool_stats.pools);
	CHECK_NUMBER(0, pool_stats.blocks);
	CHECK_NUMBER(0, pool_stats.large_bytes);
}

static void large_pieces(void)
{
	struct pool *p = pool_create(POOL_BLOCK);
	char *piece = pool_alloc(p, 100000);

	CHECK(pool_free_large(p, piece));
	CHECK(!pool_free_large(p, piece));
	CHECK_NUMBER(0, pool_stats.large_bytes);
	CHECK(pool_array(p, SIZE_MAX / 2, 4) == NULL);
	CHECK(pool_alloc(p, PTRDIFF_MAX) == NULL);
	pool_destroy(p);
}

static void without_memory(void)
{
	for (size_t kth = 1; kth < 6; kth++) {
		struct pool *p;

		pool_release_kept();
		alloc_fail_from(kth);
		p = pool_create(POOL_BLOCK);
		for (int i = 0; p != NULL && i < 40; i++)
			pool_alloc(p, 500);
		alloc_fail_from(0);
		if (p != NULL)
			pool_destroy(p);
		CHECK_NUMBER(0, pool_stats.blocks);
	}
}

static void lists_and_text(void)
{
	struct pool *p = pool_create(1024);
	struct pool_list list = {0};

	for (int i = 0; i < 100; i++)
		*(int *)pool_list_add(p, &list, sizeof(int)) = i;
	CHECK_NUMBER(100, list.count);
	for (int i = 0; i < 100; i++)
		CHECK_NUMBER(i, ((int *)list.items)[i]);
	CHECK_STR("a 5", pool_print(p, "%s %d", "a", 5));
	CHECK_STR("x", pool_str_z(p, STR("x")));
	pool_destroy(p);
	pool_release_kept();
	CHECK_NUMBER(0, pool_stats.kept);
}

int main(void)
{
	cleanups_newest_first();
	descriptors();
	all_sizes();
	large_pieces();
	without_memory();
	lists_and_text();
	return 0;
}
