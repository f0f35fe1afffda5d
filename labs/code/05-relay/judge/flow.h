/* flow.h - a relay between two peers of ours, and long flows of bytes that can be told apart. */
#pragma once

#include "wire.h"

struct session {
	struct peer *client, *target;
};

struct program *relay_start(void);
struct session session_open(struct program *relay);
struct session session_open_small(struct program *relay); /* the target has a small receive buffer */
void session_close(struct session s);

/* One direction: so many bytes from one to the other; byte i of a flow is known. */
struct flow {
	struct peer *from, *to;
	size_t sent, taken, total;
};

size_t flow_send(struct flow *f); /* as much as goes at once */
size_t flow_take(struct flow *f, size_t most); /* what is there, compared */
void flows_run(struct flow *f, int count); /* until all have taken their total */
void flow_fill(struct flow *f); /* sends until the relay takes no more, for good */
void flow_finish(struct flow *f); /* all that was sent, and not more */

void expect_reset(struct peer *p);
