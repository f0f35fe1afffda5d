/*
 * thread_pools: the thread pools that a configuration names.
 *
 *     thread_pool name threads=N [max_queue=M];     outside of http {}
 *
 * A directive that needs a pool gives its name. The thread_pool line may come before or after
 * this directive. The pool "default" needs no such line. Only processes that serve have
 * threads, and only for pools that a directive uses.
 */
#ifndef CONF_THREAD_POOLS_H
#define CONF_THREAD_POOLS_H

#include "conf/conf.h"
#include "event/thread.h"

struct named_pool {
	struct str name;
	int64_t threads, most_queued; /* CONF_UNSET before the thread_pool line is read */
	bool used;
	/* where the pool was first used, for the message that it is not defined */
	struct str file;
	int line;
	struct thread_pool *pool; /* NULL in a process that does not serve */
	/* work that waits because the queue was full; see http/work/work.h */
	struct list waiting;
};

extern struct module thread_pools_module;

/* For setters of directives: returns the pool with this name and marks it as used. Returns NULL
 * after conf_fail. */
struct named_pool *thread_pools_use(struct conf *cf, struct str name);

#endif
