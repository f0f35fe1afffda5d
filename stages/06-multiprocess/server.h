/* server.h - how this stage waits. */
#pragma once

#include <signal.h>

/* Set by SIGINT and SIGTERM, and by SIGQUIT. */
extern volatile sig_atomic_t stopping, quitting;

/* Serves the listening socket until `stopping`, or until it is `quitting` and all answers that
 * had been begun are out; leaves no connection open. */
void server_run(int listener);
