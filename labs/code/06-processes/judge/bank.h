/* What the checks of lab 6 share: a bank with its workers, and clients. */
#pragma once

#include "program.h"
#include "wire.h"

enum { WORKERS = 4 };

struct program *bank(const char *kind); /* "atomic", "semaphore", "file" */

int workers(struct program *bank, pid_t *list); /* the master's children, zombies too */

/* A client's worker takes the lock and keeps it: which one of the master's children. In a
 * sandbox, a process knows itself by another number. */
pid_t hold(struct program *bank, struct peer *p);

/* All workers run, none is a zombie, none is one of these. */
void expect_workers(struct program *bank, const pid_t *dead, int count);
void expect_sum(struct program *bank, const char *name);
