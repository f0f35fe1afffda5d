/*
 * thread: a pool of threads, for what would make the loop wait: a read from a
 * disk that may be slow, a long calculation.
 *
 *     the loop                                a thread
 *     thread_pool_add ---- the queue -------> work(task)
 *     done(task) <--- eventfd, finished ----------'
 *
 * A task owns the data that it works on. `work` touches nothing else: no connection, no
 * request, no pool, no log; it writes its results into the task. `done`, in the loop, finds
 * the connection they are for (conn_get and conn_put in event/conn.h). So a mutex is held only
 * for a push or a pop, and only the queues are shared.
 *
 * Threads have all signals blocked. They are made in the process that serves:
 * a fork would copy none of them.
 */
#ifndef EVENT_THREAD_H
#define EVENT_THREAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"

struct task {
	void (*work)(struct task *t); /* in a thread */
	/* called in the loop; the code that made the task owns it again */
	void (*done)(struct task *t);
	bool dropped; /* its pool was stopped before a thread took it */
	struct list link;
};

/* Counts over all pools. Only the loop changes them. */
struct thread_stats {
	uint64_t in_flight; /* tasks that were added and are not done */
	uint64_t finished;
	uint64_t refused; /* tasks refused because the queue was full */
};

extern struct thread_stats thread_stats;

/* The way of finished tasks back to the loop. Call thread_init before you make the first pool,
 * and thread_fini after you have destroyed the last one. */
int threads_init(void);
void threads_fini(void);

struct thread_pool;

struct thread_pool *thread_pool_create(uint32_t threads, uint32_t most_queued); /* NULL: errno */

/* Returns -1: the queue is full. */
int thread_pool_add(struct thread_pool *p, struct task *t);

/*
 * Waits for the tasks that threads work on, and drops the tasks that wait. Before it returns,
 * `done` has been called for all of them.
 */
void thread_pool_destroy(struct thread_pool *p);

#endif
