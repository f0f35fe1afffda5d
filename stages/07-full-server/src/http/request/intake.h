/*
 * intake: the bytes of a head become r->in: line by line, with its limits,
 * then the rules that concern the head as a whole.
 */
#ifndef HTTP_INTAKE_H
#define HTTP_INTAKE_H

#include "http/request/request.h"

enum intake {
	INTAKE_MORE,  /* the head is not whole yet */
	INTAKE_WHOLE, /* or it is refused: r->refusal is the status then */
	INTAKE_LOST,  /* no memory */
};

enum intake intake_head(struct request *r);

/* Host, length, transfer encoding, connection. 0, or the status to refuse with. */
int intake_check(struct request *r);

#endif
