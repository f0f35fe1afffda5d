/*
 * tunnel: after a reply with status 101, both connections carry another protocol. The tunnel
 * copies bytes in both directions until one side has finished and the other side has got all
 * bytes.
 *
 * Each direction has one buffer. The tunnel fills a buffer again only when the receiver has
 * taken all its bytes. So a side that does not read stops the sender.
 */
#ifndef PROXY_TUNNEL_H
#define PROXY_TUNNEL_H

#include "http/wire/client.h"

enum tunnel_result { TUNNEL_WAIT, TUNNEL_OVER };

struct lane {
	char *bytes;
	size_t at, len;
	bool finished; /* the sender of this direction will send no more bytes */
};

struct tunnel {
	struct client *client;
	struct conn *other;
	size_t size; /* the size of each buffer */
	struct lane up, down;
	int64_t sent_up, sent_down; /* in bytes */
};

/* Allocates both buffers in the pool. Returns -1 when there is no memory. `there`: at most
 * `size` bytes that the other server sent after its head. */
int tunnel_begin(struct tunnel *t, struct pool *pool, struct str there);

/* Moves as many bytes as possible. Call this function for every event of both connections. */
enum tunnel_result tunnel_run(struct tunnel *t);

#endif
