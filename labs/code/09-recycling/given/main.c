/*
 * The puppet of lab 9: one thread that does what it is told. Try it: build/puppet, then help.
 * build/puppet serve 8080 is a server with threads, on the same table: serve.c.
 */
#include "puppet.h"
#include "serve.h"
#include "slots.h"
#include "variant.h"

#include <stdlib.h>
#include <string.h>

static bool serves;

void io_shutdown(int fd)
{
	if (serves)
		serve_shutdown(fd);
	else
		say("shutdown %d", fd);
}

void io_close(int fd)
{
	if (serves)
		serve_close(fd);
	else
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

/* puppet serve PORT [WORKERS SLOTS PARK_MS] */
static int server(int argc, char **argv)
{
	long number[4] = {0, 2, SLOTS, PARK_MS};

	for (int i = 2; i < argc && i < 6; i++)
		number[i - 2] = atol(argv[i]);
	serves = true;
	return serve((int)number[0], (int)number[1], (unsigned)number[2], number[3]);
}

int main(int argc, char **argv)
{
	if (argc > 2 && strcmp(argv[1], "serve") == 0)
		return server(argc, argv);
	if (slots_init(SLOTS, PARK_MS) < 0)
		return 1;
	return puppet_run(commands);
}
