#include "modules/proxy/body/tunnel.h"

#include "http/wire/output.h"

int tunnel_begin(struct tunnel *t, struct pool *pool, struct str there)
{
	t->up.bytes = pool_bytes(pool, t->size);
	t->down.bytes = pool_bytes(pool, t->size);
	if (t->up.bytes == NULL || t->down.bytes == NULL)
		return -1;
	put_str(t->down.bytes, there);
	t->down.len = there.len;
	return 0;
}

/* Takes the bytes that the client sent before the reply came. */
static bool take_input(struct tunnel *t)
{
	struct input *in = t->client->input;
	size_t n;

	if (!input_has_bytes(in))
		return false;
	n = (size_t)(in->last - in->line);
	if (n > t->size)
		n = t->size;
	put_str(t->up.bytes, (struct str){in->line, n});
	in->line = in->scan = in->line + n;
	t->up.at = 0;
	t->up.len = n;
	return true;
}

/* Returns true when the state of this direction has changed: bytes were read, or the sender has
 * finished. */
static bool fill(struct tunnel *t, struct lane *lane, struct conn *from)
{
	enum io_result result;

	if (lane->at < lane->len || lane->finished || !from->may_read)
		return false;
	lane->at = 0;
	result = conn_read(from, lane->bytes, t->size, &lane->len);
	lane->finished = result > IO_AGAIN;
	return result != IO_AGAIN;
}

static bool drain(struct lane *lane, struct conn *to, int64_t *count)
{
	size_t sent;

	if (lane->at == lane->len || !to->may_write)
		return false;
	if (conn_write(to, (struct str){lane->bytes + lane->at, lane->len - lane->at}, &sent) ==
	    IO_ERROR) {
		lane->at = lane->len;
		lane->finished = true;
		return true;
	}
	lane->at += sent;
	*count += (int64_t)sent;
	return sent > 0;
}

static bool is_over(const struct lane *lane)
{
	return lane->finished && lane->at == lane->len;
}

/* The head with status 101 must be sent before any byte of the tunnel. */
static bool client_is_ready(struct tunnel *t)
{
	return output_flush(t->client) == SEND_DONE;
}

enum tunnel_result tunnel_run(struct tunnel *t)
{
	/* the limit of reads and writes for one event, so that other clients are served too */
	enum { ROUNDS = 64 };
	struct conn *client = t->client->conn;
	bool moved = true;

	for (int i = 0; i < ROUNDS && moved; i++) {
		moved = t->up.at == t->up.len && take_input(t);
		moved |= fill(t, &t->up, client);
		moved |= drain(&t->up, t->other, &t->sent_up);
		moved |= fill(t, &t->down, t->other);
		if (client_is_ready(t))
			moved |= drain(&t->down, client, &t->sent_down);
	}
	if (moved)
		conn_post_next(t->other);
	return is_over(&t->up) || is_over(&t->down) || t->client->lost ? TUNNEL_OVER : TUNNEL_WAIT;
}
