#include "io/buf.h"

#include <stdio.h>

struct buf *buf_mark(struct pool *p)
{
	struct buf *b = pool_zalloc(p, sizeof(*b));

	if (b != NULL)
		b->fd = -1;
	return b;
}

struct buf *buf_memory(struct pool *p, struct str bytes)
{
	struct buf *b = buf_mark(p);

	if (b != NULL) {
		b->pos = bytes.data;
		b->last = bytes.data + bytes.len;
	}
	return b;
}

struct buf *buf_file(struct pool *p, int fd, off_t from, off_t to)
{
	struct buf *b = buf_mark(p);

	if (b != NULL) {
		b->fd = fd;
		b->file_pos = from;
		b->file_last = to;
	}
	return b;
}

struct chain *chain_link(struct pool *p, struct buf *b, struct chain *next)
{
	struct chain *link = b != NULL ? pool_alloc(p, sizeof(*link)) : NULL;

	if (link != NULL)
		*link = (struct chain){b, next};
	return link;
}

int chain_append(struct pool *p, struct chain **chain, struct buf *b)
{
	while (*chain != NULL)
		chain = &(*chain)->next;
	*chain = chain_link(p, b, NULL);
	return *chain != NULL ? 0 : -1;
}

int chain_append_all(struct pool *p, struct chain **chain, const struct chain *more)
{
	while (*chain != NULL)
		chain = &(*chain)->next;
	for (; more != NULL; more = more->next) {
		*chain = chain_link(p, more->buf, NULL);
		if (*chain == NULL)
			return -1;
		chain = &(*chain)->next;
	}
	return 0;
}

off_t chain_size(const struct chain *chain)
{
	off_t size = 0;

	for (; chain != NULL; chain = chain->next)
		size += buf_size(chain->buf);
	return size;
}

static void buf_advance(struct buf *b, off_t bytes)
{
	if (buf_in_file(b))
		b->file_pos += bytes;
	else
		b->pos += bytes;
}

struct chain *chain_consume(struct chain *chain, off_t bytes)
{
	for (; chain != NULL; chain = chain->next) {
		off_t size = buf_size(chain->buf);

		if (bytes < size) {
			buf_advance(chain->buf, bytes);
			break;
		}
		buf_advance(chain->buf, size);
		bytes -= size;
	}
	return chain;
}

void chain_dump(const struct chain *chain, char *text, size_t size)
{
	size_t len = 0;

	text[0] = '\0';
	for (; chain != NULL && len < size; chain = chain->next) {
		const struct buf *b = chain->buf;

		if (buf_in_file(b))
			len +=
			    (size_t)snprintf(text + len, size - len, "file %d [%lld,%lld)", b->fd,
					     (long long)b->file_pos, (long long)b->file_last);
		else
			len += (size_t)snprintf(text + len, size - len, "mem %lld",
						(long long)buf_size(b));
		if (len < size)
			len += (size_t)snprintf(
			    text + len, size - len, "%s%s%s", b->flush ? " flush" : "",
			    b->last_buf ? " last" : "", chain->next != NULL ? ", " : "");
	}
}
