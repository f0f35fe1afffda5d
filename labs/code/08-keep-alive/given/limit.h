/* limit.h - what the command line says. */
#pragma once

extern int keep_ms;       /* a client may do nothing for so long */
extern int requests_most; /* a connection has so many requests */
