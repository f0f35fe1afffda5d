/* Clients of the server on the table: build/puppet serve. */
#pragma once

#include "wire.h"

struct program *late_server(int workers, int slots);
/* A client that has its slot: it has said PING, and has had PONG. */
struct peer *late_client(struct program *server, const char *name);
/* Asks for STAT until the server's numbers are these; -1: any. */
void late_until(struct peer *p, long open, long closing, long parked, long pinned, long unpinned);
void late_gate(struct peer *p, const char *key); /* opens it */
