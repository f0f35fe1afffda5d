/*
 * relay.h - carries bytes between a client and the target, both ways, until both have ended.
 *
 * client --> [ BUFFER bytes ] --> target
 * client <-- [ BUFFER bytes ] <-- target
 */
#pragma once

#include "buffer.h"
#include "loop.h"

/* Begins to connect to the target, without waiting, and makes a session of both. */
void relay_accept(struct loop *l, int client);

/* Something has changed at this end; EVENTS as in epoll_ctl(2). */
void relay_ready(struct end *e, uint32_t events);

void relay_again(struct soon *s); /* the session's share was used up: go on */
void relay_end(void);             /* the program ends: all sessions end */

extern int target_port; /* at 127.0.0.1 */
