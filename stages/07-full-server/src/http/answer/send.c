#include "http/answer/send.h"

#include <errno.h>

#include "base/clock.h"
#include "http/wire/client.h"

/* FIRST_SHARE means the bytes that a response may send in its first turn */
enum { FIRST_SHARE = 65536 };

static enum send_result (*reader)(struct request *r);

void send_read_with(enum send_result (*read)(struct request *r))
{
	reader = read;
}

void send_wait(struct request *r)
{
	client_wait(r->client, send_rules(r)->timeout);
}

static bool is_small(const struct buf *b)
{
	return buf_size(b) <= (buf_in_file(b) ? 0 : GATHER_PIECE);
}

/* Moves small pieces from the front of r->pending to the gathered bytes. The function stops at
 * a piece that is large or does not fit. */
static void gather_small(struct request *r)
{
	while (r->pending != NULL && is_small(r->pending->buf)) {
		struct buf *b = r->pending->buf;
		off_t size = buf_size(b);

		/* a buf that only marks an end has no bytes to add */
		if (size > 0 && !output_add(r->client, str_between(b->pos, b->last)))
			return;
		r->sent += size;
		b->pos = b->last;
		r->pending = r->pending->next;
	}
}

/* Gathered bytes wait until the end of the turn, or until the buffer is full. With
 * postpone_output they are sent when this number of bytes is gathered. */
static enum send_result gathered_enough(struct request *r)
{
	int64_t enough = send_rules(r)->postpone;

	if (enough == CONF_UNSET || output_gathered(r->client) == 0 ||
	    (int64_t)output_gathered(r->client) < enough)
		return SEND_DONE;
	return output_flush(r->client);
}

static int64_t rate_of(const struct request *r)
{
	return r->limit_rate >= 0 ? r->limit_rate : send_rules(r)->rate;
}

/* Returns how many bytes limit_rate allows now. Zero means that no bytes are allowed now. The
 * value -n means that n bytes too many were sent. */
static int64_t allowance(const struct request *r, int64_t rate)
{
	int64_t seconds = (now.ms - r->began) / 1000 + 1;

	return rate * seconds - (r->sent - send_rules(r)->rate_after);
}

static enum send_result delay(struct request *r, int64_t ms)
{
	r->client->delayed = true;
	client_wait(r->client, ms);
	return SEND_AGAIN;
}

/*
 * With tcp_nopush the server sends full packets. The kernel sends the last packet of each call,
 * even if it is not full. So if more bytes will follow, a call ends where a full packet ends.
 * TCP_CORK around the file would have the same effect, but would nearly double the cost of a
 * file of 100 KiB. So TCP_CORK is used only when the socket is full, because in this case the
 * server cannot choose where a call ends.
 */
static off_t in_full_packets(struct request *r, off_t limit)
{
	off_t size, rest;

	if (output_gathered(r->client) > 0) /* output_chain will send the gathered bytes first */
		r->packet_began = r->sent - (off_t)output_gathered(r->client);
	if (!send_rules(r)->nopush || r->client->corked || chain_size(r->pending) <= limit)
		return limit;
	size = net_packet_size(r->client->conn->fd);
	if (size == 0)
		return limit;
	rest = (r->sent + limit - r->packet_began) % size;
	return rest < limit ? limit - rest : limit;
}

static void cork(struct request *r)
{
	if (send_rules(r)->nopush && r->pending != NULL)
		output_cork(r->client);
}

/* Sends the gathered bytes and then the pending bytes, with one call. */
static enum send_result send_pending(struct request *r, off_t limit)
{
	off_t sent;
	enum send_result result = output_chain(r->client, &r->pending, limit, &sent);

	if (result == SEND_ERROR) {
		if (errno == 0)
			request_log(r, LOG_ALERT, "a file became shorter while it was sent");
		return SEND_ERROR;
	}
	r->sent += sent;
	if (sent > 0)
		send_wait(r);
	return result;
}

/* The client has used its share of this turn, and the socket still has room. The other clients
 * are served first. Then this client goes on. */
static enum send_result wait_for_turn(struct request *r, int64_t rate, off_t sent)
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

/* If the next buf is a file, a thread may have to read it first. If a file comes later,
 * *limit is lowered to the number of bytes before that file. */
static enum send_result read_first(struct request *r, off_t *limit)
{
	off_t ready;

	if (buf_in_file(r->pending->buf)) {
		enum send_result result = reader(r);

		if (result == SEND_ERROR)
			client_lose(r->client);
		if (result != SEND_DONE)
			return result;
	}
	ready = memory_at_front(r->pending);
	if (ready > 0 && ready < *limit)
		*limit = ready;
	return SEND_DONE;
}

/*
 * In the first turn a response may send FIRST_SHARE bytes, and in each later turn as many bytes
 * as it has sent before. So short responses overtake long ones. While the server serves other
 * clients, this client reads the bytes that have arrived. They are still in the cache of the
 * processor. With this rule, a file of 100 KiB costs a sixth less in `make bench Q=sizes`.
 */
static off_t share_of_turn(const struct request *r)
{
	int64_t chunk = send_rules(r)->max_chunk;
	off_t most = chunk > 0 ? chunk : INT64_MAX / 2;
	off_t share = r->sent > FIRST_SHARE ? r->sent : FIRST_SHARE;

	return share < most ? share : most;
}

/* Sends the pending output. Call send_large only if the first piece is large. */
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
	if (reader != NULL) {
		result = read_first(r, &limit);
		if (result != SEND_DONE)
			return result;
	}
	result = send_pending(r, in_full_packets(r, limit));
	if (result == SEND_AGAIN)
		cork(r);
	if (result != SEND_DONE || r->pending == NULL)
		return result;
	return wait_for_turn(r, rate, r->sent - before);
}

enum send_result send_request(struct request *r)
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
	/* the small piece did not fit, because the socket is full and the gathered bytes
	 * wait */
	return c->lost ? SEND_ERROR : SEND_AGAIN;
}

/* ---- the module */

#define ROW(name, where, set, member, otherwise)                                                   \
	{                                                                                          \
		name, IN_HTTP_ALL | (where) | ARGS_1, set, LEVEL_LOCATION,                         \
		    SETTING(struct send_rules, member, otherwise)                                  \
	}

static const struct directive directives[] = {
    ROW("send_timeout", 0, conf_set_ms, timeout, 60000),
    ROW("limit_rate", IN_LOCATION_IF, conf_set_size, rate, 0),
    ROW("limit_rate_after", IN_LOCATION_IF, conf_set_size, rate_after, 0),
    ROW("postpone_output", 0, conf_set_size, postpone, CONF_UNSET),
    ROW("sendfile_max_chunk", 0, conf_set_size, max_chunk, 2 << 20),
    ROW("tcp_nodelay", 0, conf_set_flag, nodelay, 1),
    ROW("tcp_nopush", 0, conf_set_flag, nopush, 0),
    ROW("reset_timedout_connection", 0, conf_set_flag, reset_timedout, 0),
    {.name = NULL},
};

static const struct http_hooks hooks = {.location_size = sizeof(struct send_rules)};

struct module send_module = {
    .name = "send", .kind = MODULE_HTTP, .directives = directives, .hooks = &hooks};
