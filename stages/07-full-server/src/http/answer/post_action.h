/*
 * post_action: when a response is complete, the server requests another URI or a named
 * location, for example to count the response. The response of this subrequest is dropped.
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

/* Starts the post_action. It runs only once per request. Returns true if it runs. */
bool post_action_run(struct request *r, struct str target);

/* Returns true if a post_action runs. When the post_action is done, request_finish is called
 * again. */
static inline bool post_action_begin(struct request *r)
{
	const struct action_rules *l = request_section(r, LEVEL_LOCATION, &post_action_module);

	return l->target.len > 0 && post_action_run(r, l->target);
}

#endif
