/*
 * buf: a piece of a response: a range of memory or a range of a file. chain: a list of bufs, in
 * order.
 *
 * To consume bytes, move `pos` or `file_pos` forward; a buf is done when nothing is left.
 *
 * The maker of a buf owns its memory, which must stay until the buf is done: a pool, a
 * constant.
 */
#ifndef IO_BUF_H
#define IO_BUF_H

#include <sys/types.h>

#include "base/str.h"
#include "mem/pool.h"

struct buf {
	const char *pos, *last; /* memory; for a file range both are NULL */
	off_t file_pos, file_last;
	int fd; /* a file range: its descriptor, which the buf does not own; -1: memory */
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

/* At the end of *chain. -1: no memory, or b is NULL. */
int chain_append(struct pool *p, struct chain **chain, struct buf *b);

#endif
