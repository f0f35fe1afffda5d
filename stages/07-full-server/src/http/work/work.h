/*
 * work: something that a thread does for a request, which waits for it.
 *
 *     work_start --> run (a thread) --> finish(r, w)      the request goes on
 *                                  `--> finish(NULL, w)   its client has left meanwhile
 *
 * The maker embeds a struct work in memory of its own, which may outlive the
 * request: it holds what `run` needs and what it finds out, and `finish` frees
 * it. The connection is known by a reference, so that what comes late reaches
 * nobody, whoever has connected since.
 */
#ifndef HTTP_WORK_H
#define HTTP_WORK_H

#include "conf/thread_pools.h"
#include "http/request/request.h"

struct work {
	void (*run)(struct work *w); /* in a thread */
	/* in the loop; r: the main request */
	void (*finish)(struct request *r, struct work *w);
	struct task task;
	uint64_t connection;
};

/*
 * Until it is finished nothing happens to the request, except that a client
 * that breaks its connection off ends it. -1: the pool's queue is full.
 */
int work_start(struct request *r, const struct named_pool *p, struct work *w);

#endif
