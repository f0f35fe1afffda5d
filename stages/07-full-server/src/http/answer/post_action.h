/*
 * post_action: a URI, or a named location, that the server requests when a response is
 * complete, for example to count it. The response of this subrequest is dropped.
 *
 *     post_action /count;      post_action @count;
 *
 * The next request of the connection is served after the post_action.
 */
#ifndef HTTP_POST_ACTION_H
#define HTTP_POST_ACTION_H

#include "http/request/request.h"

struct action_rules {
	struct str target; /* empty if there is no post_action */
};

extern struct module post_action_module;

/* Starts the post_action, once per request. Returns true if the post_action runs. */
bool post_action_run(struct request *r, struct str target);

/* Returns true if a post_action runs. When it is done, request_finish is called again. */
static inline bool post_action_begin(struct request *r)
{
	const struct action_rules *l = request_section(r, LEVEL_LOCATION, &post_action_module);

	return l->target.len > 0 && post_action_run(r, l->target);
}

#endif
