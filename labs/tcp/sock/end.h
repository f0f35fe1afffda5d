/*
 * end: one end of a TCP connection, or a listening socket, under a name.
 *
 * The sockets are blocking ones, as a beginner's are, so that `netstat` and
 * /proc show a program that waits where a real one would; SO_RCVTIMEO and
 * SO_SNDTIMEO give each wait its deadline. An end that was closed keeps its
 * name and its two addresses: what the kernel still holds of it (TIME_WAIT,
 * LAST_ACK ...) can be asked for with sock_diag.
 *
 * Functions return 0, or -1 after failure() has noted what went wrong.
 */
#pragma once

#include "diag.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct end {
	char name[32];
	int fd; /* -1: closed */
	bool listens;
	struct sockaddr_in local, peer; /* port 0 until known */
};

struct failure {
	int code; /* an errno; ETIME when our own deadline passed */
	char text[400];
};

extern struct failure failure;
extern double deadline; /* seconds that anything may wait */

int fail(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));
int fail_errno(const char *what); /* with errno; EAGAIN becomes ETIME, "nothing in 5 s" */
double now(void);                 /* seconds, monotonic */
void pause_for(double seconds);

struct end *end_find(const char *name);     /* an open one, else NULL with failure noted */
struct end *end_find_any(const char *name); /* a closed one will do */
struct end *end_create(const char *name);   /* a name that is free or closed */
int end_open(struct end *e);                /* a TCP socket for it */
int end_adopt(struct end *e, int fd);       /* FD becomes its own */
void end_close(struct end *e);
void end_learn(struct end *e);         /* asks the kernel for the two addresses */
int ends_set_deadline(double seconds); /* for every open end, and those to come */

int end_option(struct end *e, const char *word); /* "rcvbuf=2048", "reuseaddr" ... */
const char *end_options(void);                   /* their names, for messages */

/* What the kernel says of E (or of the end at the other side); absent is STATE_CLOSED. */
int end_look(struct end *e, bool other, struct diag *d);
/* Until TRUE_NOW answers 1, at most SECONDS. 0; -1: not in time, or TRUE_NOW answered -1. */
int wait_until(int (*true_now)(void *), void *arg, double seconds);
