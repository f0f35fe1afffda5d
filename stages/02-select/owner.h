/* owner.h - which process listens on a port. */
#pragma once

#include <stddef.h>

/* The process that listens on 127.0.0.1:PORT, and its name; 0 when we can't know it. */
int owner_of_port(int port, char *name, size_t size);
