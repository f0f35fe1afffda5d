/*
 * intake: takes the head of a request from the input, as it comes.
 */
#ifndef HTTP_INTAKE_H
#define HTTP_INTAKE_H

#include "http/request/request.h"
#include "http/wire/input.h"

enum intake {
	INTAKE_MORE,  /* read again */
	INTAKE_WHOLE, /* the head is complete, or is to be refused: see r->refusal */
	INTAKE_LOST,  /* no memory */
};

enum { INPUT_SIZE = 4096, LARGE_SIZE = 8192, LARGE_MAX = 4 };

enum intake intake_head(struct request *r, struct input **newest);

#endif
