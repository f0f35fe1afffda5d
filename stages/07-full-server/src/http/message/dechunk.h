/*
 * chunked: decoding the chunked transfer coding (RFC 9112, 7.1), restartable
 * at any byte. It tells which bytes are data; it copies nothing.
 */
#ifndef HTTP_DECHUNK_H
#define HTTP_DECHUNK_H

#include "base/str.h"

struct chunked {
	enum {
		CHUNK_START, /* the first digit of a size */
		CHUNK_SIZE,
		CHUNK_EXTENSION,
		CHUNK_SIZE_LF,
		CHUNK_DATA,
		CHUNK_DATA_CR,
		CHUNK_DATA_LF,
		CHUNK_TRAILER, /* at the start of a line */
		CHUNK_TRAILER_LINE,
		CHUNK_TRAILER_LF,
		CHUNK_END_LF,
		CHUNK_END,
	} state;
	uint64_t left;  /* bytes: the size as read so far, or how much data is still to come */
	uint32_t extra; /* bytes of extensions and trailers so far */
};

enum chunked_result {
	CHUNKED_DATA, /* `data` has bytes of the body; call it again */
	CHUNKED_MORE, /* all input is used up */
	CHUNKED_END,  /* the body is complete; *at is after it */
	CHUNKED_BAD,
};

enum chunked_result chunked_next(struct chunked *c, const char **at, const char *end,
				 struct str *data);

#endif
