/*
 * work: a thread does something for a request, and the request waits for the result.
 *
 *     work_start --> run (a thread) --> finish(r, w)      the request goes on
 *                                  `--> finish(NULL, w)   the client has left
 *
 * The caller embeds a struct work in a larger struct. The memory of the larger struct must be
 * able to live longer than the request. The larger struct holds the input and the result of
 * `run`, and `finish` frees it. The work holds a reference to the connection, so a late result
 * never reaches another client.
 */
#ifndef HTTP_WORK_H
#define HTTP_WORK_H

#include "conf/thread_pools.h"
#include "http/request/request.h"

struct work {
	void (*run)(struct work *w); /* called in a thread */
	/* called in the loop; r is the main request, or NULL if the client has left */
	void (*finish)(struct request *r, struct work *w);
	struct task task;
	uint64_t connection;
	struct named_pool *pool;
};

/* Starts the work. The request waits until the work is finished. The request ends earlier
 * only if the client closes the connection. Returns -1 if the queue of the pool is full. */
int work_start(struct request *r, struct named_pool *p, struct work *w);

/* Call work_start_or_wait for work that must be done in any case. If the queue is full, the
 * work waits in a list until the pool has finished another task. */
void work_start_or_wait(struct request *r, struct named_pool *p, struct work *w);

#endif
