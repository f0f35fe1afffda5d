/* server.h - how this stage waits. */
#pragma once

#include <signal.h>

/* stopping: set by SIGINT and SIGTERM; quitting: by SIGQUIT. */
extern volatile sig_atomic_t stopping, quitting;

/* Takes over the listening socket and the channel to the master. Serves until `stopping`, or until
 * it is `quitting` and every answer that was begun is sent. Leaves nothing open. */
void server_run(int listener, int channel);
