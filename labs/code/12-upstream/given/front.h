/*
 * front.h - clients send lines "GET KEY"; the backend is asked with a line "KEY", and answers
 * with one line, which goes to the client. What goes wrong is a line "ERR WHY". "PING" is
 * answered with "PONG", and "NUMBERS" with upstream_numbers. A client has one request at a
 * time; its next line waits.
 */
#pragma once

#include "loop.h"
#include "upstream.h"

#include <stdbool.h>

struct request;

void front_start(struct loop *l, int listener, struct upstream *u);
void front_end(void);

/* What retry.c decides for a request: ask once more, or tell the client. */
void request_again(struct request *r, bool fresh);
void request_fail(struct request *r);

/* retry.c: the backend has closed or reset the connection before the answer was complete, and
 * the connection is closed already. REUSED: it was used before. ANY_BYTE: a part of the answer
 * has come. */
void backend_ended(struct request *r, bool reused, bool any_byte);
