/* turns.h - orders to the puppet of lab 4, and what its callbacks said. */
#pragma once

#include "program.h"

struct program *puppet(void);

/* An order; the lines of its answer, sorted and joined by "; ". */
const char *answer(struct program *p, const char *format, ...) PRINTS(2, 3);
void order(struct program *p, const char *format, ...) PRINTS(2, 3); /* it should say nothing */
void expect_turn(struct program *p, const char *wanted);             /* of "turn 0" */
void expect_order(struct program *p, const char *command, const char *wanted);

/* A pair with a watch on it, and with bytes that are there. */
void ready_pair(struct program *p, int id);
long number_in(struct program *p, const char *name); /* of "numbers" */
