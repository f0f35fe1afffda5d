/*
 * kid: a child process with copies of every descriptor, that takes the same
 * lines as we do. It dies with us.
 */
#pragma once

#include "words.h"

#include <stdio.h>

int kid_fork(const char *name);
int kid_tell(struct words *w, int from); /* the words from FROM on: the kid's name, its line */
int kid_hear(const char *name, FILE *out); /* what it answered: 0, or -1 as it failed */
int kid_signal(const char *name, const char *signal);

/* Takes lines from IN until it ends and answers each with one line: sock.c. */
void converse(FILE *in, FILE *out);
