/*
 * thread: a pool of threads for work that would make the loop wait, for example a read from a
 * slow disk or a long calculation.
 *
 *     the loop                                a thread
 *     thread_pool_add ---- the queue -------> work(task)
 *     done(task) <--- eventfd, finished ----------'
 *
 * A task owns the data that it works on. `work` writes its results into the task. `work` must
 * not use anything else, for example a connection, a request, a pool or the log. `done` runs in
 * the loop, and finds the connection that needs the results (conn_get and conn_put in
 * event/conn.h). So the loop and the threads share only the queues, and a mutex is held only
 * for a push or a pop.
 *
 * All signals are blocked in the threads. The threads are made in the process that serves,
 * after the fork, because fork copies only the thread that calls it.
 */
#ifndef EVENT_THREAD_H
#define EVENT_THREAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"

struct task {
	void (*work)(struct task *t); /* called in a thread */
	/* called in the loop; the code that made the task owns it again */
	void (*done)(struct task *t);
	bool dropped; /* the pool was stopped before a thread took the task */
	struct list link;
};

/* The counts of all pools together. Only the loop changes them. */
struct thread_stats {
	uint64_t in_flight; /* tasks that were added and whose `done` was not called yet */
	uint64_t finished;
	uint64_t refused; /* tasks refused because the queue was full */
};

extern struct thread_stats thread_stats;

/* Opens and closes the eventfd through which finished tasks wake the loop. Call threads_init
 * before you make the first pool, and threads_fini after you have destroyed the last one. */
int threads_init(void);
void threads_fini(void);

struct thread_pool;

/* returns NULL and sets errno on failure */
struct thread_pool *thread_pool_create(uint32_t threads, uint32_t most_queued);

/* Returns -1 if the queue is full. */
int thread_pool_add(struct thread_pool *p, struct task *t);

/*
 * Waits for the tasks on which threads are working, and drops the tasks that are in the queue.
 * Before thread_pool_destroy returns, `done` has been called for all these tasks.
 */
void thread_pool_destroy(struct thread_pool *p);

#endif
