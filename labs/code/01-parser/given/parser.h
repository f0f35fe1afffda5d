/*
 * parser.h - HTTP/1 requests, told in parts while their bytes come in.
 *
 * The bytes of a request come in pieces, and a piece may end at any byte. The parser keeps what
 * it needs between two pieces in struct parser; after parser_feed returns, the piece is gone.
 */
#pragma once

#include "variant.h"

#include <stddef.h>

enum part {
	PART_METHOD,  /* "GET" */
	PART_TARGET,  /* "/index.html" */
	PART_VERSION, /* "1.1" */
	PART_NAME,    /* "Host" */
	PART_VALUE,   /* "localhost": without the white space around it */
	PART_HEAD_END,
	PART_BODY,
	PART_END /* of the request; the next byte begins another one */
};

enum { PARSER_MOST = 128, SPACES_MOST = 32, DIGITS_MOST = 18 };


struct parser; /* own.h; at most PARSER_MOST bytes, and no pointer into the input */

/* ON is called with ARG for each part, or piece of a part: pieces of one part follow one another. */
void parser_init(struct parser *p, void (*on)(void *arg, enum part part, const char *bytes, size_t n), void *arg);

/* Reads all N bytes: 0. Or 400, 414, 431, 501, 505: the request is refused; nothing more is told,
 * and each later call says the same. */
int parser_feed(struct parser *p, const char *bytes, size_t n);
