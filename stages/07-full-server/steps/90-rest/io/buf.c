#include "io/buf.h"

struct buf *buf_memory(struct pool *p, struct str bytes)
{
	struct buf *b = pool_alloc(p, sizeof(*b));

	if (b != NULL)
		*b = (struct buf){.pos = bytes.data, .last = bytes.data + bytes.len, .fd = -1};
	return b;
}

struct buf *buf_file(struct pool *p, int fd, off_t from, off_t to)
{
	struct buf *b = pool_alloc(p, sizeof(*b));

	if (b != NULL)
		*b = (struct buf){.file_pos = from, .file_last = to, .fd = fd};
	return b;
}

int chain_append(struct pool *p, struct chain **chain, struct buf *b)
{
	struct chain *link = b != NULL ? pool_alloc(p, sizeof(*link)) : NULL;

	if (link == NULL)
		return -1;
	*link = (struct chain){b, NULL};
	while (*chain != NULL)
		chain = &(*chain)->next;
	*chain = link;
	return 0;
}
