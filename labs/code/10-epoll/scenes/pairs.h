/* What the scenes of lab 10 share: one ep, two pairs of sockets, and threads that use them. */
#pragma once

#include "ep.h"
#include "scene.h"
#include "sim.h"
#include "variant.h"
#include "weave.h"

extern int got[2]; /* how many events each waiter had */

void begin(void);                              /* a new ep that watches nothing */
void control(int op, int pair, uint32_t wish); /* of the first socket of the pair */
int look(int max, int timeout_ms);             /* ep_wait; how many events */
void waiter(void);                             /* up to 4 events, for ever */
void writer(void);                             /* a byte to the first pair */
void finish(void);                             /* ep_close, and no hook may be left */
