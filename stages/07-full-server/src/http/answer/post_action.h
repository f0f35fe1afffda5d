/*
 * post_action: a URI, or a named location, that is requested when a response is complete, for
 * example to count it. Its answer is discarded.
 *
 *     post_action /count;      post_action @count;
 *
 * The connection's next request waits for it.
 */
#ifndef HTTP_POST_ACTION_H
#define HTTP_POST_ACTION_H

#include "http/request/request.h"

/* True: it runs. When it is done, request_finish is called again. */
bool post_action_begin(struct request *r);

#endif
