/*
 * ask: how the module starts and ends ask.c in a process that serves. What requests call is in
 * upstream.h.
 */
#ifndef UPSTREAM_ASK_H
#define UPSTREAM_ASK_H

#include "modules/upstream/group.h"

void ask_init(void); /* from now on the queues are looked at in each turn of the loop */
void ask_start(struct upstream *u);
void ask_leave(struct upstream *u); /* closes the idle connections, and keeps no more */
void ask_stop(struct upstream *u);

#endif
