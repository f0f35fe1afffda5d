#include "http/client/linger.h"

#include <sys/socket.h>

#include "base/clock.h"
#include "http/answer/body.h"
#include "http/request/keepalive.h"

/*
 * Returns false if the socket may be closed without lingering. With `lingering_close on`, the
 * function returns false if no more bytes can come: the client has asked to close, or has
 * finished sending. A client that expects the connection to stay open may be sending its next
 * request now.
 */
bool linger_is_needed(const struct request *r)
{
	const struct client *c = r->client;

	switch ((enum lingering)keepalive_rules(r)->lingering) {
	case LINGERING_OFF:
		return false;
	case LINGERING_ALWAYS:
		return true;
	case LINGERING_ON:
		break;
	}
	if (c->conn->peer_done && !c->conn->may_read)
		return false;
	return !r->in.whole || keepalive_is_wanted(r) || !body_is_complete(r) ||
	       c->conn->may_read || c->input->line < c->input->last;
}

void linger_begin(struct client *c, const struct keepalive_rules *k)
{
	if (shutdown(c->conn->fd, SHUT_WR) < 0) {
		c->lost = true;
		return;
	}
	c->until = now.ms + k->lingering_time;
	client_wait(c, k->lingering_timeout < k->lingering_time ? k->lingering_timeout
								: k->lingering_time);
	conn_set_reusable(c->conn, true);
}

/* The request has been freed, so the setting is taken from the default server of the
 * address. */
static int64_t timeout_of(const struct client *c)
{
	const struct keepalive_rules *k =
	    point_section(c->point, LEVEL_LOCATION, &keepalive_module);

	return k->lingering_timeout;
}

bool linger_step(struct client *c)
{
	int64_t left = c->until - now.ms, pause = timeout_of(c);
	char dropped[4096];
	size_t got;

	while (c->conn->may_read && !c->lost)
		if (conn_read(c->conn, dropped, sizeof(dropped), &got) > IO_AGAIN)
			c->lost = true;
	if (left <= 0)
		c->lost = true;
	else if (!c->lost)
		client_wait(c, pause < left ? pause : left);
	return false;
}
