/*
 * thread_pools: the pools that a configuration names.
 *
 *     thread_pool name threads=N [max_queue=M];     outside of http {}
 *
 * A directive that needs one asks for it by name, before or after that line; "default" needs
 * no line. Only processes that serve have threads, and only for pools that a directive uses.
 */
#ifndef CONF_THREAD_POOLS_H
#define CONF_THREAD_POOLS_H

#include "conf/conf.h"
#include "event/thread.h"

struct named_pool {
	struct str name;
	int64_t threads, most_queued; /* CONF_UNSET: no thread_pool line so far */
	bool used;
	struct str file; /* where it was used first, for the message that it is not defined */
	int line;
	struct thread_pool *pool; /* NULL in a process that does not serve */
	struct list waiting;      /* work for which the queue had no room, http/work/work.h */
};

extern struct module thread_pools_module;

/* For setters of directives: says that this pool will be used. NULL after conf_fail. */
struct named_pool *thread_pools_use(struct conf *cf, struct str name);

#endif
