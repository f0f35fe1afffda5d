/* What the checks of lab 9 share: a puppet, and what it answers. */
#pragma once

#include "program.h"

struct program *puppet(void);

/* A command to the puppet, and all lines of its answer with a blank between them. */
void expect(struct program *p, const char *answer, const char *command, ...) PRINTS(3, 4);
unsigned long open_slot(struct program *p, int fd); /* the handle; 0: none is free */
