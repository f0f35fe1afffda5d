/*
 * send: writes a response to the socket, as far as the socket and limit_rate allow, and as much
 * as one turn may send.
 */
#ifndef HTTP_SEND_H
#define HTTP_SEND_H

#include "http/request/request.h"
#include "http/wire/output.h"

/* Sends r->pending as far as possible. */
enum send_result send_request(struct request *r);

/*
 * Files that the loop must not wait for. `read` is called when r->pending begins with a file.
 * SEND_DONE: the front of r->pending can be sent without waiting. SEND_AGAIN: r->on_writable
 * will be called. SEND_ERROR: the file cannot be read, which has been logged.
 */
void send_read_with(enum send_result (*read)(struct request *r));

#endif
