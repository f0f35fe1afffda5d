/*
 * intake: turns the bytes of a head into r->in, line by line and within its limits; then checks
 * the rules for the head as a whole.
 */
#ifndef HTTP_INTAKE_H
#define HTTP_INTAKE_H

#include "http/request/request.h"

enum intake {
	INTAKE_MORE,  /* the head is not whole yet */
	INTAKE_WHOLE, /* it is, or it is refused: then r->refusal is the status */
	INTAKE_LOST,  /* no memory */
};

enum intake intake_head(struct request *r);

/* Checks Host, length, transfer encoding, connection. Returns 0, or the status to refuse
 * with. */
int intake_check(struct request *r);

#endif
