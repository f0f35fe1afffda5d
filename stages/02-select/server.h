/* server.h - how this stage waits. */
#pragma once

#include <signal.h>

/* Set by SIGINT and SIGTERM. */
extern volatile sig_atomic_t stopping;

/* Takes over the listening socket and serves it until `stopping`. Leaves nothing open. */
void server_run(int listener);
