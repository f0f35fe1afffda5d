/* The puppet of lab 9: one thread that does what it is told. Try it: build/puppet, then help. */
#include "puppet.h"
#include "slots.h"
#include "variant.h"

#include <stdlib.h>

void io_shutdown(int fd)
{
	say("shutdown %d", fd);
}

void io_close(int fd)
{
	say("close %d", fd);
}

static uint64_t handle_of(const struct words *w)
{
	return w->count > 1 ? strtoull(w->word[1], NULL, 0) : 0;
}

static void open_slot(const struct words *w)
{
	say("handle 0x%llx", (unsigned long long)slot_open((int)number_of(w, 1)));
}

static void acquire(const struct words *w)
{
	say("descriptor %d", slot_acquire(handle_of(w)));
}

static void release(const struct words *w)
{
	slot_release(handle_of(w));
}

static void close_slot(const struct words *w)
{
	say(slot_close(handle_of(w)) ? "true" : "false");
}

static void tick(const struct words *w)
{
	say("freed %u", slots_tick(number_of(w, 1)));
}

static const struct command commands[] = {
	{"open", "open FD: slot_open", open_slot},
	{"acquire", "acquire HANDLE: slot_acquire", acquire},
	{"release", "release HANDLE: slot_release", release},
	{"close", "close HANDLE: slot_close", close_slot},
	{"tick", "tick MS: slots_tick", tick},
	{NULL, NULL, NULL},
};

int main(void)
{
	if (slots_init(SLOTS, PARK_MS) < 0)
		return 1;
	return puppet_run(commands);
}
