/* late.h - what the checks of lab 3 share: a puppet's deadlines, a server with files, and
 * clients. */
#pragma once

#include "kernel.h"
#include "wire.h"

#include <stdint.h>

/* ---- the puppet: deadlines alone ---- */

struct program *puppet(void);
void set(struct program *p, int n, int64_t due);
void clear(struct program *p, int n);
void expect_take(struct program *p, int64_t now, int n); /* -1: none */
void expect_wait(struct program *p, int64_t now, int wanted);

/* ---- the server ---- */

enum { SMALL = 6, BIG = 32 << 20 };

/* A time for the server's command line: longer on a slow machine. */
int ms(int n);

/* Serves hello.txt ("hello\n") and big (BIG zero bytes). */
struct program *timed_server(int head_ms, int stall_ms);

/* NAME asks for hello.txt and has it. */
void get_small(struct program *server, const char *name);

/* P, which connected at BEGAN or later, has the answer LATE_STATUS; not before HEAD_MS are
 * over. */
void expect_late(struct peer *p, double began, int head_ms);

/* What the server's kernel has taken from it for P, and P has not read. */
long on_its_way(struct peer *p);

/* Has the connection ended? 0: no. A reset also sets POLLERR. Nothing is read. */
short ended(struct peer *p);
