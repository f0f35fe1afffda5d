/* What the scenes of lab 9 share: a table with one client, descriptor 5, and threads that use it. */
#pragma once

#include "scene.h"
#include "slots.h"
#include "weave.h"

extern uint64_t first; /* the handle of descriptor 5 */
extern int winners;

void table_begin(uint32_t slots, int64_t park_ms);
void user(void);
void closer(void);
void closed_once(void); /* for after: one winner, one shutdown, one close */
