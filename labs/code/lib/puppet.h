/*
 * puppet.h - a program that does only what it is told, one command a line of stdin, and says what
 * happened, one line a fact on stdout. It knows nothing of what should happen.
 *
 * A command is words; "quoted words" take \r \n \t \0 \\ \" and \xHH. The answer ends with a
 * line ".". Try it by hand: build/puppet, then help.
 */
#pragma once

#include <stddef.h>

struct words {
	int count;
	char *word[16]; /* [0] is the command; each ends with a 0 that length does not count */
	size_t length[16];
};

struct command {
	const char *name, *help;
	void (*run)(const struct words *w);
};

/* Reads commands until the end of stdin. The table ends with a command without a name. */
int puppet_run(const struct command *commands);

/* Takes LINE apart, and writes into it. */
void words_read(char *line, struct words *w);

/* A line of the answer. printf of your own code goes to stderr and disturbs nothing. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void say_bytes(const char *what, const char *bytes, size_t n); /* what "bytes" */
long number_of(const struct words *w, int i);                  /* word I as a number; 0: there is none */
