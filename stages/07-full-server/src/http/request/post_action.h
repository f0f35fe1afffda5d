/*
 * post_action: a URI, or a named location, that is asked for when a response
 * is over: to count it, to tell somebody. What it answers is nobody's concern.
 *
 *     post_action /count;      post_action @count;
 *
 * The connection's next request waits for it.
 */
#ifndef HTTP_POST_ACTION_H
#define HTTP_POST_ACTION_H

#include "http/request/request.h"

/* True: it runs, and request_finish comes again when it has run. */
bool post_action_begin(struct request *r);

#endif
