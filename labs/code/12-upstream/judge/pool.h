/* pool.h - what the checks of lab 12 share: a front between clients and backends, both played
 * by us. */
#pragma once

#include "kernel.h"
#include "wire.h"

extern int listener; /* the backend's door */

/* The front, and a backend that listens. IDLE_MS and WAIT_MS are long. */
struct program *pool_start(void);
struct program *pool_start_with(int idle_ms, int wait_ms);
/* The same, but the backend's port refuses connections until backend_listens(). */
struct program *pool_start_refused(void);
void backend_listens(void);

struct peer *client(struct program *front, const char *name);
void ask(struct peer *client, const char *key);

/* A new connection of the front, and the key that it brings. */
struct peer *backend_accept(struct program *front, const char *name, const char *key);

/* The backend answers "answer to KEY", and the client has it. */
void answer(struct peer *backend, struct peer *client, const char *key);

/* All that the clients have sent has been handled by the front, and no connection waits at the
 * door. */
void expect_no_client(struct program *front);

/* CLIENT asks over a new connection, and has its answer; the connection is idle then. */
struct peer *idle_one(struct program *front, struct peer *client, const char *name,
		      const char *key);

/* MAX clients ask, and MAX backends have their keys. */
void all_busy(struct program *front, struct peer **clients, struct peer **backends);
