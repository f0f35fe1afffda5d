/*
 * serve: drives a connection from a client. It serves the requests of the connection one after
 * the other, and then closes the connection.
 *
 *           bytes            head whole             the response is over
 *   IDLE ----------> HEAD ----------------> BUSY -------------------> DONE
 *    ^ ^              ^                                                | |
 *    | `- none left --'<----------------- keep-alive -------------- ---' |
 *    |                                       ^                           |
 *    `- (keep-alive timeout: close)      FLUSHING <--- socket full ------+
 *                                            |                           |
 *                                            `--> LINGERING --> closed <-'
 *
 * Only serve.c changes the state of a connection and closes it. Functions that other files call
 * (client_request_done, client_lose) only set a flag, and client_run acts on it.
 */
#ifndef HTTP_SERVE_H
#define HTTP_SERVE_H

#include "http/wire/client.h"

void client_accept(struct listener *l, struct conn *c);

/* Does all steps of this client that need not wait. Every event of a client ends with a call of
 * client_run. */
void client_run(struct client *c);

#endif
