/*
 * linger: closing so that the client gets what was sent.
 *
 * A socket that is closed with unread data in it sends RST, and RST makes the
 * client's system throw away what the client has not read yet: the answer. So
 * we say that we have finished (FIN), and read and drop what still comes.
 */
#ifndef HTTP_LINGER_H
#define HTTP_LINGER_H

#include "http/request/keepalive.h"
#include "http/wire/client.h"

bool linger_is_needed(const struct request *r);
void linger_begin(struct client *c, const struct keepalive_rules *k);

/* Drops the bytes that came, and sets c->lost at the end. Always returns false: the connection
 * has no other work. */
bool linger_step(struct client *c);

#endif
