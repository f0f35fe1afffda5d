#include "http/work/slow.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "event/thread.h"

enum { THREADS = 4, QUEUED_MAX = 1000, NAME_MAX_LENGTH = 64 };

/* The thread uses it while it works, so it has a copy of the name. */
struct slow {
	struct task task;
	uint64_t handle; /* of the client's connection, which it holds */
	char name[NAME_MAX_LENGTH];
	char answer[NAME_MAX_LENGTH + 64];
};

int slow_seconds;

static struct thread_pool *pool;

int slow_init(void)
{
	if (slow_seconds == 0)
		return 0;
	if (threads_init() < 0)
		return -1;
	pool = thread_pool_create(THREADS, QUEUED_MAX);
	return pool != NULL ? 0 : -1;
}

void slow_fini(void)
{
	if (slow_seconds == 0)
		return;
	thread_pool_destroy(pool);
	threads_fini();
}

bool slow_is_asked(const struct request *r)
{
	return slow_seconds > 0 && r->refusal == 0 && r->line.method == METHOD_GET &&
	       str_equal(r->line.path, STR("/slow"));
}

/* Runs in a thread. The sleep stands for any slow work. */
static void work(struct task *t)
{
	struct slow *s = CONTAINER_OF(t, struct slow, task);
	struct timespec time = {.tv_sec = slow_seconds};

	nanosleep(&time, NULL);
	snprintf(s->answer, sizeof(s->answer), "for %s, after %d s of work\n", s->name,
		 slow_seconds);
}

/* In the loop. */
static void done(struct task *t)
{
	struct slow *s = CONTAINER_OF(t, struct slow, task);
	struct conn *conn = conn_put(s->handle);

	if (conn != NULL)
		client_answer(conn->owner, (struct str){s->answer, strlen(s->answer)});
	free(s);
}

int slow_start(struct client *c)
{
	struct str name = c->request->line.query;
	struct slow *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return -1;
	s->task.work = work;
	s->task.done = done;
	if (name.len > 0)
		name = (struct str){name.data + 1, name.len - 1};
	snprintf(s->name, sizeof(s->name), "%.*s", STR_ARGS(name));
	s->handle = conn_get(c->conn);
	if (thread_pool_add(pool, &s->task) == 0)
		return 0;
	conn_put(s->handle);
	free(s);
	return -1;
}
