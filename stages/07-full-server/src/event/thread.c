#include "event/thread.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "event/conn.h"

struct thread_pool {
	pthread_mutex_t lock; /* protects `queue`, `queued` and `leaving` */
	struct list queue;
	uint32_t queued;
	bool leaving;
	pthread_cond_t task_came;
	uint32_t most_queued;
	uint32_t count;
	pthread_t threads[];
};

struct thread_stats thread_stats;

/* The tasks that the threads of all pools have finished. They wait here until the loop takes
 * them. */
static struct {
	pthread_mutex_t lock;
	struct list tasks;
	int fd;
	uint64_t handle;
} finished = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* ---- from the threads to the loop */

/* Puts a finished task into the list. Only the first task in the list wakes the loop, because
 * the loop then takes all tasks of the list. */
static void finish(struct task *t)
{
	uint64_t one = 1;
	bool first;

	pthread_mutex_lock(&finished.lock);
	first = list_is_empty(&finished.tasks);
	list_add_last(&finished.tasks, &t->link);
	pthread_mutex_unlock(&finished.lock);
	if (first)
		(void)!write(finished.fd, &one, sizeof(one));
}

static void take_finished(void)
{
	struct list batch, *link;

	list_init(&batch);
	pthread_mutex_lock(&finished.lock);
	list_move_all(&batch, &finished.tasks);
	pthread_mutex_unlock(&finished.lock);
	while ((link = list_take_first(&batch)) != NULL) {
		struct task *t = CONTAINER_OF(link, struct task, link);

		thread_stats.in_flight--;
		thread_stats.finished++;
		t->done(t);
	}
}

static void on_finished(struct conn *c)
{
	uint64_t times;

	(void)!read(c->fd, &times, sizeof(times));
	take_finished();
}

static const struct conn_calls calls = {.on_readable = on_finished};

int threads_init(void)
{
	struct conn *c;

	list_init(&finished.tasks);
	finished.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (finished.fd < 0)
		return -1;
	c = conn_open(finished.fd, &calls, NULL);
	if (c == NULL) {
		close(finished.fd);
		return -1;
	}
	finished.handle = conn_handle(c);
	return conn_watch(c);
}

void threads_fini(void)
{
	struct conn *c = conn_from_handle(finished.handle);

	if (c != NULL)
		conn_close(c);
}

/* ---- a thread */

/* Returns the next task, or NULL if the thread must end. */
static struct task *take(struct thread_pool *p)
{
	struct list *link;

	pthread_mutex_lock(&p->lock);
	while (!p->leaving && list_is_empty(&p->queue))
		pthread_cond_wait(&p->task_came, &p->lock);
	link = p->leaving ? NULL : list_take_first(&p->queue);
	p->queued -= link != NULL;
	pthread_mutex_unlock(&p->lock);
	return link != NULL ? CONTAINER_OF(link, struct task, link) : NULL;
}

static void *run(void *pool)
{
	struct task *t;

	while ((t = take(pool)) != NULL) {
		t->work(t);
		finish(t);
	}
	return NULL;
}

/* ---- a pool */

/* Signals must interrupt only the loop. So all signals are blocked before the threads are made,
 * because a thread inherits the signal mask. */
static int start_threads(struct thread_pool *p, uint32_t count)
{
	sigset_t all, before;
	int error = 0;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	for (; p->count < count && error == 0; p->count += error == 0)
		error = pthread_create(&p->threads[p->count], NULL, run, p);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

struct thread_pool *thread_pool_create(uint32_t threads, uint32_t most_queued)
{
	struct thread_pool *p = calloc(1, sizeof(*p) + threads * sizeof(*p->threads));
	int error;

	if (p == NULL)
		return NULL;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->task_came, NULL);
	list_init(&p->queue);
	p->most_queued = most_queued;
	error = start_threads(p, threads);
	if (error == 0)
		return p;
	thread_pool_destroy(p);
	errno = error;
	return NULL;
}

int thread_pool_add(struct thread_pool *p, struct task *t)
{
	bool full;

	t->dropped = false;
	pthread_mutex_lock(&p->lock);
	full = p->queued >= p->most_queued;
	if (!full) {
		list_add_last(&p->queue, &t->link);
		p->queued++;
	}
	pthread_mutex_unlock(&p->lock);
	if (full) {
		thread_stats.refused++;
		return -1;
	}
	thread_stats.in_flight++;
	pthread_cond_signal(&p->task_came);
	return 0;
}

static void drop(struct list *queue)
{
	struct list *link;

	while ((link = list_take_first(queue)) != NULL) {
		struct task *t = CONTAINER_OF(link, struct task, link);

		thread_stats.in_flight--;
		t->dropped = true;
		t->done(t);
	}
}

void thread_pool_destroy(struct thread_pool *p)
{
	pthread_mutex_lock(&p->lock);
	p->leaving = true;
	pthread_mutex_unlock(&p->lock);
	pthread_cond_broadcast(&p->task_came);
	for (uint32_t i = 0; i < p->count; i++)
		pthread_join(p->threads[i], NULL);
	take_finished();
	drop(&p->queue);
	pthread_cond_destroy(&p->task_came);
	pthread_mutex_destroy(&p->lock);
	free(p);
}
