/*
 * send: a response goes to the socket as far as the socket, limit_rate and the
 * turns of others allow it.
 */
#ifndef HTTP_SEND_H
#define HTTP_SEND_H

#include "http/request/request.h"
#include "http/wire/output.h"

/* Sends r->pending as far as possible. */
enum send_result send_request(struct request *r);

/*
 * Files that the loop must not wait for: `read` is asked when r->pending begins with a file.
 * DONE: what can be sent without waiting stands at the front; AGAIN: r->on_writable will be
 * called; ERROR: it cannot be read, which has been logged.
 */
void send_read_with(enum send_result (*read)(struct request *r));

#endif
