/*
 * tunnel: after 101 the connections carry another protocol: bytes go through in both directions,
 * until one side has finished and the other has got everything.
 *
 * Each direction has one buffer. It is read again when the other side has taken it, so that a side
 * that does not read stops the other one.
 */
#ifndef PROXY_TUNNEL_H
#define PROXY_TUNNEL_H

#include "http/wire/client.h"

enum tunnel_result { TUNNEL_WAIT, TUNNEL_OVER };

struct lane {
	char *bytes;
	size_t at, len;
	bool finished; /* this side will send nothing more */
};

struct tunnel {
	struct client *client;
	struct conn *other;
	size_t size; /* of each buffer */
	struct lane up, down;
	int64_t sent_up, sent_down; /* bytes */
};

/* Makes both buffers in the pool. -1: no memory. `there`: bytes of the other side that came
 * behind its head, at most `size`. */
int tunnel_begin(struct tunnel *t, struct pool *pool, struct str there);

/* Moves as many bytes as possible. Call it for every event of both connections. */
enum tunnel_result tunnel_run(struct tunnel *t);

#endif
