/*
 * path: every end of a connection that was seen, and the states it went through.
 *
 * An end is known by its two addresses. What is new about it comes from two sources, a
 * tracepoint that misses nothing but TIME_WAIT, and dumps of the socket table that miss
 * what is short; watch.c puts them together, this file only remembers.
 */
#pragma once

#include "diag.h"

#include <stdbool.h>
#include <stdio.h>

enum { PATH_MAX_STEPS = 16 };

struct step {
	double when; /* CLOCK_MONOTONIC, seconds */
	int state;
};

struct path {
	struct sockaddr_in local, peer; /* a peer of port 0: it listens */
	struct step step[PATH_MAX_STEPS];
	int steps;         /* the last one is where it is now */
	unsigned seen;     /* the last dump that had it */
	bool traced;       /* the tracepoint has told of it: dumps add TIME_WAIT alone */
	struct path *next; /* in its bucket */
	struct path *newer, *older; /* all of them, by their first step */
};

/* Called for each change, the first one with OLD 0. */
extern void (*on_step)(const struct path *p, int old);

struct path *path_find(const struct sockaddr_in *local, const struct sockaddr_in *peer);
struct path *path_create(const struct sockaddr_in *local, const struct sockaddr_in *peer);
void path_step(struct path *p, double when, int state);
int path_state(const struct path *p);
double path_since(const struct path *p);
struct path *path_newest(void);
void path_drop_closed(double before); /* forgets those that ended before */

/* "127.0.0.1:8080"; of two buffers in turn */
const char *path_address(const struct sockaddr_in *a);
