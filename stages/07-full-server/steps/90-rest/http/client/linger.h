/*
 * linger: closing so that the client gets what was sent.
 *
 * A socket that is closed with unread data in it sends RST, and RST makes the
 * client's system throw away what the client has not read yet: the answer. So
 * we say that we have finished (FIN), and read and drop what still comes.
 */
#ifndef HTTP_LINGER_H
#define HTTP_LINGER_H

#include "client.h"

bool linger_is_needed(const struct client *c);
enum io_result linger_begin(struct client *c);

/* Drops what has come. IO_AGAIN: more may come; all others: it can be closed. */
enum io_result linger_step(struct client *c);

#endif
