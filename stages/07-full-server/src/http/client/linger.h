/*
 * linger: closes a connection so that the client gets everything that was sent.
 *
 * If a socket is closed while it has unread data, the kernel sends RST. After an RST, the
 * client's system throws away the bytes that the client has not read yet. Then the client loses
 * the end of the response. So the server sends FIN, and then reads and drops the bytes that
 * still come.
 */
#ifndef HTTP_LINGER_H
#define HTTP_LINGER_H

#include "http/request/keepalive.h"
#include "http/wire/client.h"

bool linger_is_needed(const struct request *r);
void linger_begin(struct client *c, const struct keepalive_rules *k);

/* Drops the bytes that have come. Sets c->lost when the lingering is over. Always returns
 * false, because the connection has no other work. */
bool linger_step(struct client *c);

#endif
