#include "http/fetch.h"

#include <assert.h>
#include <errno.h>

#include "http/client.h"
#include "http/core.h"
#include "http/open_file.h"
#include "http/work.h"
#include "io/file.h"
#include "mem/alloc.h"

/*
 * It belongs to the request, and ends with it; unless a thread has it just then:
 * in that case the task does, and it ends when the task comes back.
 */
struct fetch {
	bool reading;   /* a thread has it: only the next block is the thread's */
	bool abandoned; /* and the request is gone */
	struct open_file *file;
	struct buf buf; /* what of `bytes` is not sent yet */
	struct chain link;

	struct work work;
	int fd, error;
	off_t from;
	size_t wanted;
	ssize_t got;
	char bytes[FETCH_PIECE];
};

static void abandon(void *data)
{
	struct fetch *f = data;

	f->abandoned = true;
	if (!f->reading)
		alloc_large_free(f);
}

static struct fetch *fetch_of(struct request *r)
{
	struct pool_cleanup *c;

	if (r->fetch != NULL)
		return r->fetch;
	r->fetch = alloc_large(sizeof(*r->fetch));
	c = r->fetch != NULL ? pool_cleanup_add(r->pool, r->fetch) : NULL;
	if (c == NULL) {
		alloc_large_free(r->fetch);
		return r->fetch = NULL;
	}
	c->run = abandon;
	r->fetch->reading = r->fetch->abandoned = false;
	return r->fetch;
}

static enum fetch_result fail(struct request *r, int error)
{
	errno = error;
	if (error == 0)
		request_log(r, LOG_ALERT, "a file became shorter while it was sent");
	else
		request_log_errno(r, LOG_CRIT, "pread");
	return FETCH_FAILED;
}

/* What was read takes the place of so much of the file. */
static enum fetch_result take(struct request *r, struct fetch *f, ssize_t got, int error)
{
	if (got <= 0)
		return fail(r, got < 0 ? error : 0);
	f->buf = (struct buf){.fd = -1, .pos = f->bytes, .last = f->bytes + got};
	f->link = (struct chain){&f->buf, r->pending};
	r->pending->buf->file_pos += got;
	r->pending = &f->link;
	return FETCH_READY;
}

/* In a thread. */
static void run(struct work *w)
{
	struct fetch *f = CONTAINER_OF(w, struct fetch, work);

	f->got = file_read_at(f->fd, f->bytes, f->wanted, f->from);
	f->error = errno;
}

static void finish(struct request *r, struct work *w)
{
	struct fetch *f = CONTAINER_OF(w, struct fetch, work);

	f->reading = false;
	open_file_put(f->file);
	if (r == NULL) {
		assert(f->abandoned);
		alloc_large_free(f);
		return;
	}
	r->client->fetching = false;
	if (take(r, f, f->got, f->error) == FETCH_FAILED) {
		request_abort(r);
		return;
	}
	timer_start(&r->client->conn->timer, r->core->send_timeout);
	if (r->on_writable != NULL)
		r->on_writable(r);
}

static enum fetch_result ask_thread(struct request *r, struct fetch *f, struct open_file *file)
{
	assert(!f->reading);
	f->work = (struct work){.run = run, .finish = finish};
	f->file = file;
	if (work_start(r, r->core->aio_pool, &f->work) < 0)
		return FETCH_LATER;
	open_file_hold(file);
	f->reading = r->client->fetching = true;
	timer_stop(&r->client->conn->timer); /* it is not the client that is slow */
	return FETCH_WAIT;
}

enum fetch_result fetch_front(struct request *r)
{
	const struct buf *b = r->pending->buf;
	struct open_file *file = open_file_of(r, b->fd);
	struct fetch *f;

	if (file == NULL) /* not of a disk that we serve from: a temporary file of ours */
		return FETCH_READY;
	f = fetch_of(r);
	if (f == NULL)
		return fail(r, ENOMEM);
	f->fd = b->fd;
	f->from = b->file_pos;
	f->wanted = buf_size(b) < FETCH_PIECE ? (size_t)buf_size(b) : FETCH_PIECE;
	f->got = file_read_cached(f->fd, f->bytes, f->wanted, f->from);
	if (f->got >= 0 || errno != EAGAIN)
		return take(r, f, f->got, errno);
	return ask_thread(r, f, file);
}
