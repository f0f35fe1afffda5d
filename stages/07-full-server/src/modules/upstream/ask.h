/*
 * ask: what the module starts in the process that serves; the rest of ask.c is in upstream.h.
 */
#ifndef UPSTREAM_ASK_H
#define UPSTREAM_ASK_H

#include "modules/upstream/group.h"

void ask_init(void); /* the queues are looked at in each turn of the loop */
void ask_start(struct upstream *u);
void ask_leave(struct upstream *u); /* keeps no connection any more */
void ask_stop(struct upstream *u);

#endif
