/*
 * buf: a piece of a response (or of a body): a range of memory or a range of a file. chain: a
 * list of bufs, in order.
 *
 * To consume bytes, move `pos` or `file_pos` forward; a buf is done when nothing is left. A
 * filter may keep the bufs it is given, but not the links of the caller's chain: it makes its
 * own links, which are cheap.
 *
 * The maker of a buf owns its memory, which must stay until the buf is done: a pool, a cache
 * entry held by the request, a constant.
 */
#ifndef IO_BUF_H
#define IO_BUF_H

#include <stdint.h>
#include <sys/types.h>

#include "base/str.h"
#include "mem/pool.h"

struct buf {
	const char *pos, *last; /* memory; for a file range both are NULL */
	off_t file_pos, file_last;
	int fd;         /* a file range: its descriptor, which the buf does not own; -1: memory */
	bool flush : 1; /* flush: everything up to here must be sent now */
	bool last_buf : 1;      /* the response ends here (main request only) */
	bool last_in_chain : 1; /* this request's part ends here (subrequests too) */
	bool recycled : 1;      /* the owner waits to use it again: filters must not hold it back */
	bool copied : 1;        /* a file range: read and send it, do not use sendfile */
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

/* Made in a pool; NULL: no memory. */
struct buf *buf_memory(struct pool *p, struct str bytes);
struct buf *buf_file(struct pool *p, int fd, off_t from, off_t to);
struct buf *buf_mark(struct pool *p); /* a buf without data, to carry last_buf or flush */

struct chain *chain_link(struct pool *p, struct buf *b, struct chain *next);
int chain_append(struct pool *p, struct chain **chain, struct buf *b); /* -1: no memory */

/* New links at the end of *chain for the bufs of `more`. */
int chain_append_all(struct pool *p, struct chain **chain, const struct chain *more);

off_t chain_size(const struct chain *chain);

/* Takes `bytes` off the front, and removes the links of bufs that are done. Returns the
 * rest. */
struct chain *chain_consume(struct chain *chain, off_t bytes);

/* For a debugger or a test: "mem 12, file 7 [0,100), last". */
void chain_dump(const struct chain *chain, char *text, size_t size);

#endif
