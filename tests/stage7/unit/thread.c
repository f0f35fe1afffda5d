/* The thread pool: every task comes back once, in the loop, whatever the pool is going through. */
#include "event/thread.h"

#include <pthread.h>
#include <unistd.h>

#include "base/clock.h"
#include "event/conn.h"
#include "event/loop.h"
#include "unit.h"

enum { BYTES = 64 };

struct sum {
	struct task task;
	unsigned char bytes[BYTES];
	unsigned expected, sum; /* sum: the thread's to write */
	int came_back;
};

static pthread_t loop_thread;
static uint32_t back, dropped;

static void work(struct task *t)
{
	struct sum *s = CONTAINER_OF(t, struct sum, task);

	for (int i = 0; i < BYTES; i++)
		s->sum += s->bytes[i];
}

static void done(struct task *t)
{
	struct sum *s = CONTAINER_OF(t, struct sum, task);

	CHECK(pthread_equal(pthread_self(), loop_thread));
	CHECK_NUMBER(t->dropped ? 0 : s->expected, s->sum);
	CHECK_NUMBER(1, ++s->came_back);
	back++;
	dropped += t->dropped;
}

static struct sum *make(void)
{
	struct sum *s = calloc(1, sizeof(*s));

	CHECK(s != NULL);
	s->task.work = work;
	s->task.done = done;
	for (int i = 0; i < BYTES; i++)
		s->expected += s->bytes[i] = (unsigned char)rand();
	return s;
}

static struct sum *tasks[20000];

static void make_tasks(int count)
{
	back = dropped = 0;
	for (int i = 0; i < count; i++)
		tasks[i] = make();
}

static void free_tasks(int count)
{
	for (int i = 0; i < count; i++)
		free(tasks[i]);
}

/* As fast as they go in, with a short queue: who finds it full waits for some to come back. */
static void stress(int count, uint32_t threads, uint32_t queue)
{
	struct thread_pool *p = thread_pool_create(threads, queue);

	CHECK(p != NULL);
	make_tasks(count);
	for (int i = 0; i < count; i++)
		while (thread_pool_add(p, &tasks[i]->task) < 0)
			loop_turn();
	while (back < (uint32_t)count)
		loop_turn();
	CHECK_NUMBER(0, thread_stats.in_flight);
	CHECK_NUMBER(0, dropped);
	thread_pool_destroy(p);
	CHECK_NUMBER(count, back);
	free_tasks(count);
}

/* ---- a gate that threads wait at */

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t moved = PTHREAD_COND_INITIALIZER;
static int waiting;
static bool is_up;

static void wait_at_gate(struct task *t)
{
	pthread_mutex_lock(&gate);
	waiting++;
	pthread_cond_broadcast(&moved);
	while (!is_up)
		pthread_cond_wait(&moved, &gate);
	pthread_mutex_unlock(&gate);
	work(t);
}

static void raise_gate(void)
{
	pthread_mutex_lock(&gate);
	is_up = true;
	pthread_cond_broadcast(&moved);
	pthread_mutex_unlock(&gate);
}

static void *raise_when_asked_to_leave(void *arg)
{
	(void)arg;
	usleep(20000); /* not needed for the outcome: most often the destroyer waits by now */
	raise_gate();
	return NULL;
}

static struct thread_pool *busy_pool(int threads, int queue)
{
	struct thread_pool *p = thread_pool_create((uint32_t)threads, (uint32_t)queue);

	CHECK(p != NULL);
	waiting = 0;
	is_up = false;
	for (int i = 0; i < threads; i++) {
		tasks[i]->task.work = wait_at_gate;
		CHECK_NUMBER(0, thread_pool_add(p, &tasks[i]->task));
		pthread_mutex_lock(&gate);
		while (waiting <= i)
			pthread_cond_wait(&moved, &gate);
		pthread_mutex_unlock(&gate);
	}
	return p;
}

static void full_queue(void)
{
	uint64_t refused = thread_stats.refused;
	struct thread_pool *p;

	make_tasks(6);
	p = busy_pool(2, 3);
	for (int i = 2; i < 5; i++)
		CHECK_NUMBER(0, thread_pool_add(p, &tasks[i]->task));
	CHECK_NUMBER(-1, thread_pool_add(p, &tasks[5]->task));
	CHECK_NUMBER(refused + 1, thread_stats.refused);
	CHECK_NUMBER(5, thread_stats.in_flight);
	raise_gate();
	while (back < 5)
		loop_turn();
	CHECK_NUMBER(0, thread_pool_add(p, &tasks[5]->task));
	while (back < 6)
		loop_turn();
	thread_pool_destroy(p);
	CHECK_NUMBER(0, dropped);
	free_tasks(6);
}

/* What runs is finished, what waits is not begun; all come back before the pool is gone. */
static void stop_with_work_in_flight(void)
{
	enum { RUNNING = 4, QUEUED = 100 };
	struct thread_pool *p;
	pthread_t helper;

	make_tasks(RUNNING + QUEUED);
	p = busy_pool(RUNNING, QUEUED);
	for (int i = RUNNING; i < RUNNING + QUEUED; i++)
		CHECK_NUMBER(0, thread_pool_add(p, &tasks[i]->task));
	pthread_create(&helper, NULL, raise_when_asked_to_leave, NULL);
	thread_pool_destroy(p);
	pthread_join(helper, NULL);
	CHECK_NUMBER(RUNNING + QUEUED, back);
	CHECK(dropped <= QUEUED);
	CHECK_NUMBER(0, thread_stats.in_flight);
	free_tasks(RUNNING + QUEUED);
}

/* A pool that goes away while its threads are just being born. */
static void born_to_leave(void)
{
	for (int i = 0; i < 20; i++)
		thread_pool_destroy(thread_pool_create(4, 1));
}

int main(void)
{
	clock_update();
	loop_thread = pthread_self();
	CHECK(loop_init() == 0 && conn_table_init(8) == 0 && threads_init() == 0);
	stress(20000, 8, 65536);
	stress(5000, 3, 4);
	stress(500, 1, 1);
	full_queue();
	stop_with_work_in_flight();
	born_to_leave();
	threads_fini();
	conn_table_fini();
	timers_fini();
	loop_fini();
	return 0;
}
