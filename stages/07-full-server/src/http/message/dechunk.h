/*
 * chunked: decodes the chunked transfer coding (RFC 9112, 7.1). The input may stop after any
 * byte; the next call continues there. The decoder finds the bytes that are data. It copies
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
	/* while a size is read: its value up to this digit; while data is read: the number of
	 * bytes of the chunk that have not come yet */
	uint64_t left;
	uint32_t extra; /* number of bytes of extensions and trailers that were read */
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
