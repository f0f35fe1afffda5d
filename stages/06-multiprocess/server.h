/* server.h - how this stage waits. */
#pragma once

#include <signal.h>

/* Set by SIGINT and SIGTERM, and by SIGQUIT. */
extern volatile sig_atomic_t stopping, quitting;

/* Takes over the listening socket and serves it until `stopping`, or until it is `quitting` and
 * all answers that had been begun are out; leaves nothing open. */
void server_run(int listener);
