#include "http/wire/output.h"

#include <assert.h>

#include "client.h"
#include "mem/alloc.h"

enum { GATHER_SIZE = 65536 };

static struct {
	const struct client *owner; /* NULL: empty */
	size_t len;
	char bytes[GATHER_SIZE];
} gathered;

static void gathered_clear(void)
{
	gathered.owner = NULL;
	gathered.len = 0;
}

/* The kernel takes more bytes only when the client has taken some. */
static void note_progress(struct client *c, size_t sent)
{
	if (sent > 0)
		timer_start(&c->conn->timer, client_timeout);
}

/* All clients share the buffer, so bytes that the socket did not take are copied out of it. */
static enum io_result keep_unsent(struct client *c, struct str rest)
{
	gathered_clear();
	if (rest.len == 0)
		return IO_OK;
	c->unsent = alloc_large(sizeof(*c->unsent) + rest.len);
	if (c->unsent == NULL)
		return IO_ERROR;
	c->unsent->at = 0;
	c->unsent->len = rest.len;
	memcpy(c->unsent->bytes, rest.data, rest.len);
	return IO_AGAIN;
}

static enum io_result send_gathered(struct client *c, bool more)
{
	size_t sent;

	if (gathered.owner != c)
		return IO_OK;
	if (conn_write(c->conn, gathered.bytes, gathered.len, more, &sent) == IO_ERROR)
		return IO_ERROR;
	note_progress(c, sent);
	return keep_unsent(c, str_between(gathered.bytes + sent, gathered.bytes + gathered.len));
}

enum io_result output_flush(struct client *c)
{
	return send_gathered(c, false);
}

enum io_result output_resume(struct client *c)
{
	struct unsent *u = c->unsent;
	size_t sent;

	if (!c->conn->may_write)
		return IO_AGAIN;
	if (conn_write(c->conn, u->bytes + u->at, u->len - u->at, false, &sent) == IO_ERROR)
		return IO_ERROR;
	note_progress(c, sent);
	u->at += sent;
	if (u->at < u->len)
		return IO_AGAIN;
	alloc_large_free(u);
	c->unsent = NULL;
	return IO_OK;
}

enum io_result output_gather(struct client *c, struct chain **chain)
{
	assert(gathered.owner == NULL || gathered.owner == c);
	for (; *chain != NULL && !buf_in_file((*chain)->buf); *chain = (*chain)->next) {
		const struct buf *b = (*chain)->buf;
		size_t size = (size_t)buf_size(b);

		if (size > GATHER_SIZE - gathered.len) {
			enum io_result result = output_flush(c);

			if (result != IO_OK)
				return result;
		}
		memcpy(gathered.bytes + gathered.len, b->pos, size);
		gathered.len += size;
		gathered.owner = c;
	}
	return IO_OK;
}

enum io_result output_file(struct client *c, struct chain **chain, off_t share)
{
	struct buf *b = (*chain)->buf;
	enum io_result result = send_gathered(c, true);

	while (result == IO_OK && buf_size(b) > 0 && share > 0) {
		off_t most = buf_size(b) < share ? buf_size(b) : share;
		size_t sent;

		result = conn_send_file(c->conn, b->fd, b->file_pos, (size_t)most, &sent);
		note_progress(c, sent);
		b->file_pos += (off_t)sent;
		share -= (off_t)sent;
	}
	if (buf_size(b) == 0)
		*chain = (*chain)->next;
	return result;
}

void output_forget(struct client *c)
{
	if (gathered.owner == c)
		gathered_clear();
	alloc_large_free(c->unsent);
	c->unsent = NULL;
}
