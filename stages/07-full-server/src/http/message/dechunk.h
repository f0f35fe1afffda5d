/*
 * chunked: decodes the chunked transfer coding (RFC 9112, 7.1). The input may stop after any
 * byte; the next call continues there. The decoder only tells which bytes are data: it copies
 * nothing.
 */
#ifndef HTTP_DECHUNK_H
#define HTTP_DECHUNK_H

#include "base/str.h"

struct chunked {
	enum {
		CHUNK_START, /* the next byte is the first digit of a size */
		CHUNK_SIZE,
		CHUNK_EXTENSION,
		CHUNK_SIZE_LF,
		CHUNK_DATA,
		CHUNK_DATA_CR,
		CHUNK_DATA_LF,
		CHUNK_TRAILER, /* the next byte starts a line of the trailer */
		CHUNK_TRAILER_LINE,
		CHUNK_TRAILER_LF,
		CHUNK_END_LF,
		CHUNK_END,
	} state;
	/* bytes: the size as far as it is read; then the data of the chunk that is still to
	 * come */
	uint64_t left;
	uint32_t extra; /* bytes of extensions and trailers that were read so far */
};

enum chunked_result {
	CHUNKED_DATA, /* `data` has bytes of the body; call chunked_next again */
	CHUNKED_MORE, /* all input is used; call chunked_next again with more */
	CHUNKED_END,  /* the body is complete; *at is behind its last byte */
	CHUNKED_BAD,
};

enum chunked_result chunked_next(struct chunked *c, const char **at, const char *end,
				 struct str *data);

#endif
