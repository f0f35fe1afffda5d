#include "http/work/work.h"

#include <errno.h>

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

	if (r->client->conn->holders == 0) /* no thread works for this request already */
		r->on_readable = NULL;
	w->finish(r, w);
}

static void done(struct task *t)
{
	struct work *w = CONTAINER_OF(t, struct work, task);
	struct conn *conn = conn_put(w->connection);

	if (conn != NULL) {
		client_resume(conn->owner, hand_over, w);
		return;
	}
	if (!t->dropped)
		log_write(log_main, LOG_INFO, "a result is dropped: its client has left");
	w->finish(NULL, w);
}

/* A client that has only finished sending (FIN) still reads its answer; one that has reset
 * the connection does not. */
static void notice_leaving(struct request *r)
{
	errno = net_error(r->client->conn->fd);
	if (errno == 0)
		return;
	request_log_errno(r, LOG_INFO, "client left while a thread worked for it");
	request_abort(r);
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

int work_start(struct request *r, const struct named_pool *p, struct work *w)
{
	struct conn *conn = r->client->conn;

	w->task.work = work;
	w->task.done = done;
	w->connection = conn_get(conn);
	if (thread_pool_add(p->pool, &w->task) < 0) {
		warn_about_queue(r, p);
		conn_put(w->connection);
		return -1;
	}
	r->main->on_readable = notice_leaving;
	return 0;
}
