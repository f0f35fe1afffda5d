#include "http/client/linger.h"

#include <sys/socket.h>

#include "base/clock.h"

enum { TIMEOUT = 5000, TIME = 30000 }; /* ms: from one read to the next, and for all of it */

bool linger_is_needed(const struct client *c)
{
	if (c->conn->peer_done && !c->conn->may_read)
		return false;
	return !body_is_complete(&c->request->body) || c->conn->may_read ||
	       input_has_bytes(c->input);
}

enum io_result linger_begin(struct client *c)
{
	if (shutdown(c->conn->fd, SHUT_WR) < 0)
		return IO_ERROR;
	c->until = now.ms + TIME;
	return IO_OK;
}

enum io_result linger_step(struct client *c)
{
	int64_t left = c->until - now.ms;
	enum io_result result = IO_AGAIN;
	char dropped[4096];
	size_t got;

	while (c->conn->may_read && result <= IO_AGAIN)
		result = conn_read(c->conn, dropped, sizeof(dropped), &got);
	if (left <= 0)
		return IO_EOF;
	timer_start(&c->conn->timer, left < TIMEOUT ? left : TIMEOUT);
	return result == IO_OK ? IO_AGAIN : result;
}
