#include "http/wire/output.h"

#include <assert.h>
#include <errno.h>

#include "base/clock.h"
#include "http/site/core.h"
#include "http/work/fetch.h"
#include "mem/alloc.h"

enum { FIRST_SHARE = 65536 }; /* bytes of a turn */

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

/* All clients share the buffer: what the socket did not take is copied out of it. */
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

enum send_result output_unsent(struct client *c)
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

static bool is_small(const struct buf *b)
{
	return buf_size(b) <= (buf_in_file(b) ? 0 : GATHER_PIECE);
}

/* Takes the small pieces at the front, until one is large or finds no room. */
static void gather_small(struct request *r)
{
	while (r->pending != NULL && is_small(r->pending->buf)) {
		struct buf *b = r->pending->buf;
		size_t size = (size_t)buf_size(b);
		char *to = output_reserve(r->client, size);

		if (to == NULL)
			return;
		if (size > 0) { /* a marker buf has no bytes */
			put_str(to, (struct str){b->pos, size});
			output_commit(r->client, size);
		}
		r->sent += (off_t)size;
		b->pos = b->last;
		r->pending = r->pending->next;
	}
}

/*
 * Gathered bytes wait until the end of the turn, or until the buffer is full; postpone_output
 * can set a lower limit.
 */
static enum send_result gathered_enough(struct request *r)
{
	int64_t enough = r->core->postpone_output;

	if (enough == CONF_UNSET || gathered.owner != r->client || (int64_t)gathered.len < enough)
		return SEND_DONE;
	return output_flush(r->client);
}

static int64_t rate_of(const struct request *r)
{
	return r->limit_rate >= 0 ? r->limit_rate : r->core->limit_rate;
}

/* The bytes that limit_rate allows now; <= 0: none, and the excess so far. */
static int64_t allowance(const struct request *r, int64_t rate)
{
	int64_t seconds = (now.ms - r->began) / 1000 + 1;

	return rate * seconds - (r->sent - r->core->limit_rate_after);
}

static enum send_result delay(struct request *r, int64_t ms)
{
	r->client->delayed = true;
	timer_start(&r->client->conn->timer, ms);
	return SEND_AGAIN;
}

/*
 * tcp_nopush: a packet ends where a call ends, full or not. So a share ends where a packet is
 * full, if more will follow. TCP_CORK around the file would do the same, but would nearly
 * double the cost of 100 KiB. It is used only when the socket, and not the share, limits a
 * call.
 */
static off_t in_full_packets(struct request *r, off_t limit)
{
	off_t size, rest;

	if (gathered.owner == r->client)
		r->packet_began = r->sent - (off_t)gathered.len; /* the call sends these first */
	if (!r->core->tcp_nopush || r->client->corked || chain_size(r->pending) <= limit)
		return limit;
	size = net_packet_size(r->client->conn->fd);
	if (size == 0)
		return limit;
	rest = (r->sent + limit - r->packet_began) % size;
	return rest < limit ? limit - rest : limit;
}

static void cork(struct request *r)
{
	if (!r->core->tcp_nopush || r->client->corked || r->pending == NULL)
		return;
	net_set_cork(r->client->conn->fd, true);
	r->client->corked = true;
}

void output_uncork(struct client *c)
{
	if (!c->corked)
		return;
	net_set_cork(c->conn->fd, false);
	c->corked = false;
}

/* One call: the gathered bytes, then the pending ones. */
static enum send_result send_pending(struct request *r, off_t limit)
{
	struct client *c = r->client;
	size_t gathered_before = gathered.owner == c ? gathered.len : 0;
	struct str head = {gathered.bytes, gathered_before};
	off_t sent;
	enum io_result result =
	    conn_send(c->conn, &head, &r->pending, limit + (off_t)gathered_before, &sent);

	if (result == IO_ERROR) {
		if (errno == 0)
			request_log(r, LOG_ALERT, "a file became shorter while it was sent");
		else
			note_error(c);
		return lost(c);
	}
	r->sent += sent - (off_t)(gathered_before - head.len);
	if (sent > 0)
		timer_start(&c->conn->timer, r->core->send_timeout);
	if (gathered_before > 0 && keep_unsent(c, head) == SEND_ERROR)
		return SEND_ERROR;
	return result == IO_AGAIN ? SEND_AGAIN : SEND_DONE;
}

/* Our limit was reached, the socket has room: the other clients have their turn, then we go
 * on. */
static enum send_result give_way(struct request *r, int64_t rate, off_t sent)
{
	if (rate > 0)
		return delay(r, sent * 1000 / rate + 1);
	conn_post_next(r->client->conn);
	return SEND_AGAIN;
}

static off_t memory_at_front(const struct chain *chain)
{
	off_t size = 0;

	for (; chain != NULL && !buf_in_file(chain->buf); chain = chain->next)
		size += buf_size(chain->buf);
	return size;
}

/* With aio threads: if a file comes next, a thread reads it first, and only those bytes are
 * sent. */
static enum send_result fetch(struct request *r, off_t *limit)
{
	off_t ready;

	if (buf_in_file(r->pending->buf)) {
		switch (fetch_front(r)) {
		case FETCH_READY:
			break;
		case FETCH_WAIT:
			return SEND_AGAIN;
		case FETCH_FAILED:
			return lost(r->client);
		}
	}
	ready = memory_at_front(r->pending);
	if (ready > 0 && ready < *limit)
		*limit = ready;
	return SEND_DONE;
}

/*
 * A response may send as much in a turn as it has sent so far, and a little at first. So short
 * responses overtake long ones. While the others have their turn, the client reads what has
 * arrived, and finds it in the cache of the processor. (make bench Q=sizes: 100 KiB cost a
 * sixth less so.)
 */
static off_t share_of_turn(const struct request *r)
{
	off_t most = r->core->sendfile_max_chunk > 0 ? r->core->sendfile_max_chunk : INT64_MAX / 2;
	off_t share = r->sent > FIRST_SHARE ? r->sent : FIRST_SHARE;

	return share < most ? share : most;
}

/* The pending output begins with a large piece. */
static enum send_result send_large(struct request *r)
{
	int64_t rate = rate_of(r);
	off_t limit = share_of_turn(r);
	off_t before = r->sent;
	enum send_result result;

	if (rate > 0) {
		int64_t allowed = allowance(r, rate);

		if (allowed <= 0)
			return delay(r, -allowed * 1000 / rate + 1);
		limit = allowed < limit ? allowed : limit;
	}
	if (r->core->aio_pool != NULL) {
		result = fetch(r, &limit);
		if (result != SEND_DONE)
			return result;
	}
	result = send_pending(r, in_full_packets(r, limit));
	if (result == SEND_AGAIN)
		cork(r);
	if (result != SEND_DONE || r->pending == NULL)
		return result;
	return give_way(r, rate, r->sent - before);
}

enum send_result output_send(struct request *r)
{
	struct client *c = r->client;

	if (c->lost)
		return SEND_ERROR;
	if (c->unsent != NULL || c->delayed || c->fetching)
		return SEND_AGAIN;
	gather_small(r);
	if (r->pending == NULL)
		return gathered_enough(r);
	if (!is_small(r->pending->buf))
		return send_large(r);
	return c->lost ? SEND_ERROR : SEND_AGAIN; /* the gathered bytes leave no room */
}
