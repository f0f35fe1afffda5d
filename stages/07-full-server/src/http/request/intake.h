/*
 * intake: parses the head of a request into r->in, line by line, and obeys the limits of the
 * configuration. When the head is complete, intake checks the rules for the whole head.
 */
#ifndef HTTP_INTAKE_H
#define HTTP_INTAKE_H

#include "http/request/request.h"

enum intake {
	INTAKE_MORE,  /* the head is not complete yet */
	INTAKE_WHOLE, /* the head is complete, or r->refusal is the status to refuse it with */
	INTAKE_LOST,  /* there is no memory */
};

enum intake intake_head(struct request *r);

/* Checks Host, Content-Length, Transfer-Encoding and Connection, and finds the server.
 * Returns 0, or the HTTP status to refuse with. */
int intake_check(struct request *r);

#endif
