#include "http/work/work.h"

#include "base/clock.h"
#include "http/wire/client.h"

static void work(struct task *t)
{
	struct work *w = CONTAINER_OF(t, struct work, task);

	w->run(w);
}

static void hand_over(struct request *r, void *data)
{
	struct work *w = data;

	w->finish(r, w);
}

/* A task has ended, so the queue of the pool has room for the first task that waits. */
static void start_first_waiting(struct named_pool *p)
{
	struct list *link = list_take_first(&p->waiting);

	if (link != NULL && thread_pool_add(p->pool, CONTAINER_OF(link, struct task, link)) < 0)
		list_add_first(&p->waiting, link);
}

static void done(struct task *t)
{
	struct work *w = CONTAINER_OF(t, struct work, task);
	struct conn *conn = conn_put(w->connection);

	start_first_waiting(w->pool);
	if (conn != NULL) {
		client_resume(conn->owner, hand_over, w);
		return;
	}
	if (!t->dropped)
		log_write(log_main, LOG_INFO, "a result is dropped: its client has left");
	w->finish(NULL, w);
}

static void warn_about_queue(struct request *r, const struct named_pool *p)
{
	static time_t last;

	if (last == now.second)
		return;
	last = now.second;
	request_log(r, LOG_WARN, "thread pool \"%.*s\": %lld tasks wait, which is all that may",
		    STR_ARGS(p->name), (long long)p->most_queued);
}

static void prepare(struct request *r, struct named_pool *p, struct work *w)
{
	w->task.work = work;
	w->task.done = done;
	w->pool = p;
	w->connection = conn_get(r->client->conn);
}

int work_start(struct request *r, struct named_pool *p, struct work *w)
{
	prepare(r, p, w);
	if (thread_pool_add(p->pool, &w->task) == 0)
		return 0;
	warn_about_queue(r, p);
	conn_put(w->connection);
	return -1;
}

void work_start_or_wait(struct request *r, struct named_pool *p, struct work *w)
{
	prepare(r, p, w);
	if (thread_pool_add(p->pool, &w->task) == 0)
		return;
	warn_about_queue(r, p);
	list_add_last(&p->waiting, &w->task.link);
}
