#include "play.h"

#include "deadline.h"
#include "puppet.h"

#include <stdlib.h>

enum { MOST = 32768 };

static struct deadline deadlines[MOST];

static struct deadline *named(const struct words *w, int i)
{
	return &deadlines[(size_t)number_of(w, i) % MOST];
}

static void set(const struct words *w)
{
	if (deadline_set(named(w, 1), number_of(w, 2)) < 0)
		say("no memory");
}

static void clear(const struct words *w)
{
	deadline_clear(named(w, 1));
}

static void take(const struct words *w)
{
	struct deadline *d = deadline_take(number_of(w, 1));

	if (d)
		say("took %d", (int)(d - deadlines));
	else
		say("none");
}

static void all(const struct words *w)
{
	struct deadline *d;

	while ((d = deadline_take(number_of(w, 1))))
		say("took %d", (int)(d - deadlines));
}

static void wait_for(const struct words *w)
{
	say("wait %d", deadline_wait(number_of(w, 1)));
}

/* Sets SIZE deadlines at random times, moves each once, takes all; so often. */
static void load(const struct words *w)
{
	long size = number_of(w, 1) % (MOST + 1), times = number_of(w, 2);
	unsigned random = 1;

	for (long t = 0; t < times; t++) {
		for (long i = 0; i < 2 * size; i++) {
			random = random * 1664525 + 1013904223;
			deadline_set(&deadlines[i % size], random >> 4);
		}
		while (deadline_take(INT64_MAX))
			continue;
	}
	say("done");
}

int play(void)
{
	static const struct command commands[] = {
	    {"set", "set N DUE: in ticks; moves it if it is set", set},
	    {"clear", "clear N", clear},
	    {"take", "take NOW: the first one that is due", take},
	    {"all", "all NOW: takes until none is due", all},
	    {"wait", "wait NOW: what poll should be told", wait_for},
	    {"load", "load SIZE TIMES: many, as fast as they go", load},
	    {NULL, NULL, NULL},
	};
	int status = puppet_run(commands);

	deadline_end();
	return status;
}
