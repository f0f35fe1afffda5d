/*
 * buf: a piece of a response or of a body. It is a range of memory or a range of a file. chain:
 * a list of bufs, in the order of their bytes.
 *
 * To consume bytes, move `pos` or `file_pos` forward. A buf is done when no bytes are left in
 * it. A filter may keep the bufs that it gets from its caller. It must not keep the links of
 * the caller's chain, but makes its own links: links are cheap.
 *
 * The code that makes a buf owns the memory to which the buf points. This memory must stay
 * valid until the buf is done. It may be in a pool, in a cache entry that the request holds, or
 * in a constant.
 */
#ifndef IO_BUF_H
#define IO_BUF_H

#include <stdint.h>
#include <sys/types.h>

#include "base/str.h"
#include "mem/pool.h"

struct buf {
	const char *pos, *last; /* the range of memory; both are NULL for a file range */
	off_t file_pos, file_last;
	/* the descriptor of the file, which the buf does not own; -1 when the buf is memory */
	int fd;
	bool flush : 1; /* all bytes up to the end of this buf must be sent now */
	/* the response ends after this buf (only set for the main request) */
	bool last_buf : 1;
	/* the part of this request ends after this buf (also set for subrequests) */
	bool last_in_chain : 1;
	/* the owner waits until it can use the buf again, so filters must not hold it back */
	bool recycled : 1;
	/* for a file range: read the bytes and send them, do not use sendfile */
	bool copied : 1;
};

struct chain {
	struct buf *buf;
	struct chain *next;
};

static inline bool buf_in_file(const struct buf *b)
{
	return b->fd >= 0;
}

static inline off_t buf_size(const struct buf *b)
{
	return buf_in_file(b) ? b->file_last - b->file_pos : b->last - b->pos;
}

/* These allocate from the pool, and return NULL when there is no memory. */
struct buf *buf_memory(struct pool *p, struct str bytes);
struct buf *buf_file(struct pool *p, int fd, off_t from, off_t to);
struct buf *buf_mark(struct pool *p); /* a buf without data, to carry last_buf or flush */

struct chain *chain_link(struct pool *p, struct buf *b, struct chain *next);
/* Returns -1 when there is no memory. */
int chain_append(struct pool *p, struct chain **chain, struct buf *b);

/* Appends the bufs of `more` to *chain, with new links. Returns -1 when there is no memory. */
int chain_append_all(struct pool *p, struct chain **chain, const struct chain *more);

off_t chain_size(const struct chain *chain);

/* Consumes `bytes` from the start of the chain, and removes the links of bufs that are done.
 * Returns the rest of the chain. */
struct chain *chain_consume(struct chain *chain, off_t bytes);

/* Writes the chain as text, for a debugger or a test: "mem 12, file 7 [0,100), last". */
void chain_dump(const struct chain *chain, char *text, size_t size);

#endif
