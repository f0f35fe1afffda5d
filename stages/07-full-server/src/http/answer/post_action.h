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

struct action_rules {
	struct str target; /* empty: none */
};

extern struct module post_action_module;

/* Once for each request. True: it runs. */
bool post_action_run(struct request *r, struct str target);

/* True: it runs. When it is done, request_finish is called again. */
static inline bool post_action_begin(struct request *r)
{
	const struct action_rules *l = request_section(r, LEVEL_LOCATION, &post_action_module);

	return l->target.len > 0 && post_action_run(r, l->target);
}

#endif
