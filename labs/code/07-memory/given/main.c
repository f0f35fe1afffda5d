/*
 * The puppet of lab 7: memory that is taken and given back by hand. Try it: build/puppet, then
 *	get 1 32
 *	numbers
 *	put 1
 * Blocks, pieces, pools and marks have numbers, which you choose. The puppet fills each block, and
 * looks at put and check whether all bytes are as it left them.
 */
#include "numbers.h"
#include "own.h"
#include "puppet.h"
#include "system.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCKS = 50000, POOLS = 64, MARKS = 256 };

static struct {
	unsigned char *at;
	size_t n;
} blocks[BLOCKS];
static struct pool *pools[POOLS];
static struct pool_mark marks[MARKS];

static size_t place(const struct words *w, int i, size_t room)
{
	return (size_t)number_of(w, i) % room;
}

/* ---- blocks ------------------------------------------------------------------------------ */

static unsigned char byte_of(size_t id, size_t offset)
{
	return (unsigned char)(id * 7 + offset * 13 + 1);
}

static void got(size_t id, void *at, size_t n)
{
	blocks[id].at = at;
	blocks[id].n = n;
	if (!at) {
		say("none %s", errno == ENOMEM ? "ENOMEM" : strerror(errno));
		return;
	}
	say("at 0x%lx", (unsigned long)(uintptr_t)at);
	for (size_t i = 0; i < n; i++)
		blocks[id].at[i] = byte_of(id, i);
}

static void look(size_t id)
{
	for (size_t i = 0; i < blocks[id].n; i++)
		if (blocks[id].at[i] != byte_of(id, i)) {
			say("damaged at byte %zu of %zu", i, blocks[id].n);
			return;
		}
}

static void get(const struct words *w)
{
	size_t n = (size_t)strtoul(w->count > 2 ? w->word[2] : "0", NULL, 0);

	errno = 0;
	got(place(w, 1, BLOCKS), small_get(n), n);
}

static void put(const struct words *w)
{
	size_t id = place(w, 1, BLOCKS);

	if (!blocks[id].at)
		return;
	look(id);
	small_put(blocks[id].at, blocks[id].n);
	blocks[id].at = NULL;
}

static void check(const struct words *w)
{
	size_t id = place(w, 1, BLOCKS);

	if (blocks[id].at)
		look(id);
}

static void trim(const struct words *w)
{
	(void)w;
	say("trimmed %zu", small_trim());
}

static void numbers(const struct words *w)
{
	struct small_numbers n;

	(void)w;
	small_numbers(&n);
	if (n.wrong)
		say("wrong %s", n.wrong);
	say("heap %zu", n.heap);
	say("reserve %zu", n.reserve);
	for (size_t i = 0; i < LISTS; i++)
		if (n.free[i] > 0)
			say("list %zu %zu", (i + 1) * STEP, n.free[i]);
}

/* ---- the system, and the handler --------------------------------------------------------- */

static void system_say(const struct words *w)
{
	struct system_numbers n;

	(void)w;
	system_numbers(&n);
	say("takes %zu", n.takes);
	say("refused %zu", n.refused);
	say("areas %zu", n.areas);
	say("bytes %zu", n.bytes);
	say("wrong %zu", n.wrong);
}

static void refuse(const struct words *w)
{
	system_refuse((size_t)number_of(w, 1), (size_t)number_of(w, 2));
}

static long yes_left;
static size_t gift; /* the block that the handler gives back; 0: none */

static bool handler(size_t wanted)
{
	say("asked %zu", wanted);
	if (yes_left-- <= 0)
		return false;
	if (gift > 0 && blocks[gift].at) {
		small_put(blocks[gift].at, blocks[gift].n);
		blocks[gift].at = NULL;
	}
	return true;
}

static void handler_set(const struct words *w)
{
	bool (*before)(size_t);

	yes_left = number_of(w, 1);
	gift = place(w, 2, BLOCKS);
	before = small_on_empty(yes_left < 0 ? NULL : handler);
	say("before %s", before == handler ? "handler" : before ? "another" : "none");
}

/* ---- pools ------------------------------------------------------------------------------- */

static void pool(const struct words *w)
{
	size_t id = place(w, 1, POOLS);

	pools[id] = pool_create(w->count > 2 ? pools[place(w, 2, POOLS)] : NULL);
	if (!pools[id])
		say("none");
}

static void destroy(const struct words *w)
{
	pool_destroy(pools[place(w, 1, POOLS)]);
}

static void piece(const struct words *w)
{
	size_t n = (size_t)strtoul(w->count > 3 ? w->word[3] : "0", NULL, 0);

	errno = 0;
	got(place(w, 1, BLOCKS), pool_get(pools[place(w, 2, POOLS)], n), n);
}

static void on_cleanup(void *data)
{
	say("ran %lu", (unsigned long)(uintptr_t)data);
}

static void cleanup(const struct words *w)
{
	if (pool_cleanup(pools[place(w, 1, POOLS)], on_cleanup, (void *)(uintptr_t)number_of(w, 2)) < 0)
		say("none");
}

static void mark(const struct words *w)
{
	marks[place(w, 1, MARKS)] = pool_mark(pools[place(w, 2, POOLS)]);
}

static void back(const struct words *w)
{
	pool_back(pools[place(w, 1, POOLS)], marks[place(w, 2, MARKS)]);
}

int main(void)
{
	static const struct command commands[] = {
	    {"get", "BLOCK N: small_get(N)", get},
	    {"put", "BLOCK: small_put", put},
	    {"check", "BLOCK: are its bytes as they were left?", check},
	    {"trim", "small_trim", trim},
	    {"numbers", "what struct small says", numbers},
	    {"system", "what the system has counted", system_say},
	    {"refuse", "AFTER COUNT: the system grants AFTER requests and refuses COUNT", refuse},
	    {"handler", "YES [BLOCK]: says YES times yes, and puts BLOCK; -1: no handler", handler_set},
	    {"pool", "POOL [PARENT]: pool_create", pool},
	    {"destroy", "POOL: pool_destroy", destroy},
	    {"piece", "BLOCK POOL N: pool_get", piece},
	    {"cleanup", "POOL TAG: pool_cleanup; it says 'ran TAG'", cleanup},
	    {"mark", "MARK POOL: pool_mark", mark},
	    {"back", "POOL MARK: pool_back", back},
	    {0},
	};
	int status = puppet_run(commands);

	system_end();
	return status;
}
