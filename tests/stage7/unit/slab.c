/* The allocator of a zone: against a shadow, without room, and after a killed holder. */
#include "mem/slab.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mem/shm.h"
#include "unit.h"

enum { ZONE = 256 * 1024, BLOCKS = 1500, ROUNDS = 200000 };

static struct shm *memory;
static struct slab *s;

/* A block's bytes all say whose they are: who writes over another's is found out. */
static struct {
	unsigned char *at;
	size_t size;
} blocks[BLOCKS];

static void check_and_free(int i)
{
	for (size_t k = 0; k < blocks[i].size; k++)
		CHECK_NUMBER((unsigned char)i, blocks[i].at[k]);
	slab_free(s, blocks[i].at);
	blocks[i].at = NULL;
}

static size_t some_size(void)
{
	switch (rand() % 8) {
	case 0:
		return 1 + (size_t)rand() % 20000;
	case 1:
		return (size_t)16 << rand() % 9; /* exactly a class, and a page */
	default:
		return 1 + (size_t)rand() % 300;
	}
}

/* Zeroed, inside, aligned. False: no room. */
static bool fill(int i)
{
	size_t n = some_size();
	unsigned char *block = slab_alloc(s, n);

	if (block == NULL)
		return false;
	CHECK((char *)block >= (char *)(s + 1) && (char *)block + n <= (char *)s + ZONE);
	CHECK_NUMBER(0, (uintptr_t)block % 16);
	for (size_t k = 0; k < n; k++)
		CHECK_NUMBER(0, block[k]);
	memset(block, i, n);
	blocks[i].at = block;
	blocks[i].size = n;
	return true;
}

static void against_a_shadow(void)
{
	long refused = 0;

	srand(3);
	slab_lock(s);
	for (int round = 0; round < ROUNDS; round++) {
		int i = rand() % BLOCKS;

		if (blocks[i].at != NULL)
			check_and_free(i);
		else if (!fill(i))
			refused++;
	}
	CHECK(refused > 100); /* it was full now and then */
	for (int i = 0; i < BLOCKS; i++)
		if (blocks[i].at != NULL)
			check_and_free(i);
	CHECK_NUMBER(0, s->pages_used);
	slab_unlock(s);
}

/* All of it as one run: so the free ones have grown together. */
static void in_one_piece(void)
{
	size_t all = (size_t)s->page_count * SLAB_PAGE;
	void *block;

	slab_lock(s);
	block = slab_alloc(s, all);
	CHECK(block != NULL);
	CHECK(slab_alloc(s, 1) == NULL);
	slab_free(s, block);
	CHECK(slab_alloc(s, all + 1) == NULL);
	CHECK(slab_alloc(s, SIZE_MAX) == NULL);
	slab_unlock(s);
	CHECK(all > ZONE - 4 * SLAB_PAGE);
}

/* Left without a word, and so begun anew. */
static void empty(void)
{
	slab_lock(s);
	shmutex_unlock(&s->mutex);
	slab_lock(s);
	CHECK_NUMBER(0, s->pages_used);
	slab_unlock(s);
}

/* Full is full, and one that is given back is there for the next. */
static void exhausted(size_t size, size_t most_wasted)
{
	void *last = NULL, *block;
	size_t count = 0;

	slab_lock(s);
	while ((block = slab_alloc(s, size)) != NULL) {
		last = block;
		count++;
	}
	CHECK(count * size + most_wasted >= (size_t)s->page_count * SLAB_PAGE);
	slab_free(s, last);
	CHECK(slab_alloc(s, size) == last);
	shmutex_unlock(&s->mutex);
	empty();
}

/* A process is killed inside, with the lists half changed. */
static void holder_killed(void)
{
	uint32_t resets = s->resets;
	int status;
	pid_t child = fork();

	if (child == 0) {
		slab_lock(s);
		s->root = slab_alloc(s, 100);
		s->records = 7;
		s->free_runs.next = (struct list *)0x10;
		raise(SIGKILL);
	}
	CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
	CHECK(shmutex_force_unlock(&s->mutex, child));
	slab_lock(s);
	CHECK_NUMBER(resets + 1, s->resets);
	CHECK(s->root == NULL);
	CHECK_NUMBER(0, s->records);
	CHECK_NUMBER(0, s->pages_used);
	s->root = slab_alloc(s, 100);
	CHECK(s->root != NULL);
	slab_unlock(s);
	slab_lock(s);
	CHECK(s->root != NULL); /* an orderly exit loses nothing */
	CHECK_NUMBER(resets + 1, s->resets);
	slab_free(s, s->root);
	s->root = NULL;
	slab_unlock(s);
}

static void work_for_ever(unsigned seed)
{
	srand(seed);
	memset(blocks, 0, sizeof(blocks));
	for (;;) {
		int i = rand() % BLOCKS;

		slab_lock(s);
		if (blocks[i].at != NULL)
			check_and_free(i);
		else
			fill(i);
		slab_unlock(s);
	}
}

/* Killed at any moment at all, many times: the lists are good, or they are new. */
static void killed_anywhere(void)
{
	for (int i = 0; i < 100; i++) {
		pid_t child = fork();

		if (child == 0)
			work_for_ever((unsigned)i);
		usleep(500 + (unsigned)i * 20);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		shmutex_force_unlock(&s->mutex, child);
		slab_lock(s);
		CHECK(s->pages_used <= s->page_count);
		slab_unlock(s);
		empty(); /* what it has left has no owner */
	}
}

int main(void)
{
	fclose(stderr); /* the alerts */
	memory = shm_create(ZONE);
	CHECK(memory != NULL);
	s = slab_init(memory->memory, ZONE, (struct str){"unit", 4});
	in_one_piece();
	against_a_shadow();
	in_one_piece();
	exhausted(16, 0);
	exhausted(2048, 0);
	exhausted(3 * SLAB_PAGE, 2 * SLAB_PAGE);
	holder_killed();
	against_a_shadow();
	killed_anywhere();
	in_one_piece();
	shmutex_fini(&s->mutex);
	shm_put(memory);
	CHECK_NUMBER(0, shm_stats.mappings);
	return 0;
}
