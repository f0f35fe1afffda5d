/*
 * ask: how the module starts and stops ask.c in a worker. The functions for requests are in
 * upstream.h.
 */
#ifndef UPSTREAM_ASK_H
#define UPSTREAM_ASK_H

#include "modules/upstream/group.h"

void ask_init(void); /* from now on, each turn of the event loop serves the queues */
void ask_start(struct upstream *u);
/* closes the idle connections; from now on, no connection is kept */
void ask_leave(struct upstream *u);
void ask_stop(struct upstream *u);

#endif
