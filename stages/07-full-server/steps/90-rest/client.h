/*
 * client: one connection from a client, and its requests, one after the other.
 *
 * A client has a time to begin a request, the same time for its whole head, and then the same
 * time again for each part of the answer that it takes.
 *
 * A client without a request costs a slot and this struct. The room for its head and for the
 * answer comes with the first byte of a request, and goes with the last one of the answer.
 */
#ifndef CLIENT_H
#define CLIENT_H

#include "event/conn.h"
#include "http/request/request.h"
#include "http/wire/input.h"
#include "http/wire/output.h"
#include "mem/pool.h"

/*
 *         head whole            all gathered or sent          body dropped
 *   HEAD -------------> ANSWER ----------------------> BODY ---------------> HEAD
 *     `----> WAIT ----->'  |                             |
 *                          | not to be kept              | no end
 *                          `--------------------------> LEAVE -----> closed
 *                                                        `--> LINGER ---^
 */
enum client_state {
	CLIENT_HEAD,
	CLIENT_WAIT, /* for a thread */
	CLIENT_ANSWER,
	CLIENT_BODY,
	CLIENT_LEAVE,
	CLIENT_LINGER
};

struct client {
	struct conn *conn;
	enum client_state state;
	struct pool *pool; /* NULL while there is no request */
	struct request *request;
	struct input *input; /* the newest */
	struct unsent *unsent;
	int64_t until; /* LINGER: when to give up, in ms of the clock */
};

extern int64_t client_timeout; /* ms */

void client_accept(struct conn *conn);
void client_answer(struct client *c, struct str text); /* WAIT is over */
void clients_leave(void); /* quitting: soon, those that are idle */
bool clients_are_there(void);
void clients_drop(void); /* all, now */

#endif
