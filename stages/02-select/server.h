/* server.h - how this stage waits. */
#pragma once

#include <signal.h>

/* Set by SIGINT and SIGTERM. */
extern volatile sig_atomic_t stopping;

/* Serves the listening socket until `stopping`; leaves no connection open. */
void server_run(int listener);
