#include "http/wire/output.h"

#include <assert.h>
#include <errno.h>

#include "base/log.h"
#include "mem/alloc.h"

static struct {
	const struct client *owner; /* NULL means that the buffer is empty */
	size_t len;
	char bytes[GATHER_SIZE];
} gathered;

static void gathered_clear(void)
{
	gathered.owner = NULL;
	gathered.len = 0;
}

void output_forget(struct client *c)
{
	if (gathered.owner == c)
		gathered_clear();
	alloc_large_free(c->unsent);
	c->unsent = NULL;
}

static enum send_result lost(struct client *c)
{
	output_forget(c);
	c->lost = true;
	return SEND_ERROR;
}

/* Keeps the bytes that the socket has not accepted. They are copied into memory of this client,
 * because all clients share the buffer in which they were gathered. */
static enum send_result keep_unsent(struct client *c, struct str rest)
{
	if (rest.len == 0) {
		gathered_clear();
		return SEND_DONE;
	}
	c->unsent = alloc_large(sizeof(*c->unsent) + rest.len);
	if (c->unsent == NULL)
		return lost(c);
	c->unsent->at = 0;
	c->unsent->len = rest.len;
	put_str(c->unsent->bytes, rest);
	gathered_clear();
	return SEND_AGAIN;
}

static void note_error(struct client *c)
{
	bool ordinary = errno == EPIPE || errno == ECONNRESET || errno == ETIMEDOUT;

	log_errno(log_main, ordinary ? LOG_INFO : LOG_ERROR, "*%llu send(fd=%d)",
		  (unsigned long long)c->number, c->conn->fd);
}

enum send_result output_flush(struct client *c)
{
	struct str rest = {gathered.bytes, gathered.len};
	size_t sent;

	if (gathered.owner != c)
		return c->unsent != NULL ? SEND_AGAIN : SEND_DONE;
	assert(c->unsent == NULL);
	if (conn_write(c->conn, rest, &sent) == IO_ERROR) {
		note_error(c);
		return lost(c);
	}
	rest.data += sent;
	rest.len -= sent;
	return keep_unsent(c, rest);
}

enum send_result output_resume(struct client *c)
{
	struct unsent *u = c->unsent;
	size_t sent;

	if (u == NULL)
		return SEND_DONE;
	if (conn_write(c->conn, (struct str){u->bytes + u->at, u->len - u->at}, &sent) ==
	    IO_ERROR) {
		note_error(c);
		return lost(c);
	}
	u->at += sent;
	if (u->at < u->len)
		return SEND_AGAIN;
	alloc_large_free(u);
	c->unsent = NULL;
	return SEND_DONE;
}

static bool gather_has_room(const struct client *c, size_t size)
{
	assert(gathered.owner == NULL || gathered.owner == c);
	return size <= GATHER_SIZE - gathered.len;
}

char *output_reserve(struct client *c, size_t size)
{
	if (c->unsent != NULL || size > GATHER_SIZE)
		return NULL;
	if (!gather_has_room(c, size) && output_flush(c) != SEND_DONE)
		return NULL;
	return gathered.bytes + gathered.len;
}

void output_commit(struct client *c, size_t used)
{
	gathered.owner = c;
	gathered.len += used;
}

bool output_add(struct client *c, struct str bytes)
{
	char *to = output_reserve(c, bytes.len);

	if (to == NULL)
		return false;
	put_str(to, bytes);
	output_commit(c, bytes.len);
	return true;
}

size_t output_gathered(const struct client *c)
{
	return gathered.owner == c ? gathered.len : 0;
}

enum send_result output_chain(struct client *c, struct chain **chain, off_t limit, off_t *sent)
{
	struct str head = {gathered.bytes, output_gathered(c)};
	size_t before = head.len;
	enum io_result result = conn_send(c->conn, &head, chain, limit + (off_t)before, sent);

	if (result == IO_ERROR) {
		if (errno != 0)
			note_error(c);
		return lost(c);
	}
	*sent -= (off_t)(before - head.len);
	if (before > 0 && keep_unsent(c, head) == SEND_ERROR)
		return SEND_ERROR;
	return result == IO_AGAIN ? SEND_AGAIN : SEND_DONE;
}

void output_cork(struct client *c)
{
	if (c->corked)
		return;
	net_set_cork(c->conn->fd, true);
	c->corked = true;
}

void output_uncork(struct client *c)
{
	if (!c->corked)
		return;
	net_set_cork(c->conn->fd, false);
	c->corked = false;
}
