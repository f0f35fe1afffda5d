/*
 * body: the body of a request. No handler of this server wants one: it is read and dropped, so
 * that the next request is found.
 */
#ifndef HTTP_BODY_H
#define HTTP_BODY_H

#include <stdint.h>

#include "http/message/dechunk.h"
#include "http/wire/input.h"

/* How the body of the request is delimited. */
enum body_kind { BODY_NONE, BODY_LENGTH, BODY_CHUNKED };

struct body {
	enum body_kind kind;
	int64_t left; /* LENGTH: what has not come yet */
	struct chunked chunked;
	int64_t dropped; /* bytes so far */
};

/* When a body is longer than this, a new connection is cheaper. */
enum { BODY_MAX = 65536 };

enum body_result {
	BODY_WHOLE,   /* the input continues behind it */
	BODY_MORE,    /* read again */
	BODY_ENDLESS, /* too long, or not a body at all: only the end of the connection ends it
		       */
};

/* Drops what is in the input. Nothing may point into the input any more. */
enum body_result body_drop(struct body *b, struct input *in);
bool body_is_complete(const struct body *b);

#endif
