/*
 * work: a thread does something for a request, and the request waits.
 *
 *     work_start --> run (a thread) --> finish(r, w)      the request goes on
 *                                  `--> finish(NULL, w)   its client has left meanwhile
 *
 * The maker embeds a struct work in its own memory, which may outlive the request. It holds
 * the input of `run` and its result, and `finish` frees it. The work holds a reference to the
 * connection, so a late result never reaches another client.
 */
#ifndef HTTP_WORK_H
#define HTTP_WORK_H

#include "conf/thread_pools.h"
#include "http/request/request.h"

struct work {
	void (*run)(struct work *w); /* in a thread */
	/* called in the loop; r: the main request */
	void (*finish)(struct request *r, struct work *w);
	struct task task;
	uint64_t connection;
	struct named_pool *pool;
};

/*
 * The request waits until the work is finished. It ends earlier only if the client breaks the
 * connection. -1: the queue of the pool is full.
 */
int work_start(struct request *r, struct named_pool *p, struct work *w);

/* The same, for work that cannot be left undone: if the queue is full, the work waits beside it
 * until the pool has finished another task. */
void work_start_or_wait(struct request *r, struct named_pool *p, struct work *w);

#endif
