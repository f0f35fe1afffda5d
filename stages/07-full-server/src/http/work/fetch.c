#include "http/work/fetch.h"

#include <assert.h>
#include <errno.h>

#include "http/answer/send.h"
#include "http/file/file_rules.h"
#include "http/file/open_file.h"
#include "http/wire/client.h"
#include "http/work/work.h"
#include "io/file.h"
#include "mem/alloc.h"

/* The request owns its fetch and frees it. If a thread still uses the fetch when the request
 * ends, the task becomes the owner. The task frees the fetch when the thread has finished. */
struct fetch {
	/* READING means that a thread uses `work` and the members after it */
	enum { IDLE, READING, ANSWERED } state;
	bool abandoned;         /* the request was freed, so the task must free this fetch */
	struct open_file *file; /* held while the state is READING */
	struct buf buf;         /* the part of `bytes` that is not sent yet */
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
	if (f->state != READING)
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
	r->fetch->state = IDLE;
	r->fetch->abandoned = false;
	return r->fetch;
}

/* ---- a thread reads */

static void run(struct work *w)
{
	struct fetch *f = CONTAINER_OF(w, struct fetch, work);

	f->got = file_read_at(f->fd, f->bytes, f->wanted, f->from);
	f->error = errno;
}

static void finish(struct request *r, struct work *w)
{
	struct fetch *f = CONTAINER_OF(w, struct fetch, work);

	f->state = ANSWERED;
	open_file_put(f->file);
	if (r == NULL) {
		assert(f->abandoned);
		alloc_large_free(f);
		return;
	}
	r->client->fetching = false;
	send_wait(r);
	if (r->on_writable != NULL)
		r->on_writable(r);
}

static enum fetch_result ask_thread(struct request *r, struct fetch *f, struct open_file *file)
{
	f->work = (struct work){.run = run, .finish = finish};
	f->file = file;
	open_file_hold(file);
	work_start_or_wait(r, file_rules(r)->aio_pool, &f->work);
	f->state = READING;
	r->client->fetching = true;
	/* the timer is stopped, because a slow disk is not the fault of the client */
	client_wait_forever(r->client);
	return FETCH_WAIT;
}

/* ---- the next piece */

/* Reads the next piece. A file without a struct open_file, such as a temporary file, is read in
 * the loop, even if the read waits for the disk. */
static enum fetch_result read_piece(struct request *r, struct fetch *f)
{
	struct open_file *file = file_rules(r)->aio_pool != NULL ? open_file_of(r, f->fd) : NULL;

	if (file != NULL)
		f->got = file_read_cached(f->fd, f->bytes, f->wanted, f->from);
	else
		f->got = file_read_at(f->fd, f->bytes, f->wanted, f->from);
	f->error = errno;
	if (f->got < 0 && f->error == EAGAIN && file != NULL)
		return ask_thread(r, f, file);
	return FETCH_READY;
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

enum fetch_result fetch_bytes(struct request *r, const struct buf *b, struct str *bytes)
{
	struct fetch *f = fetch_of(r);

	if (f == NULL)
		return fail(r, ENOMEM);
	if (r->client->fetching || r->client->delayed)
		return FETCH_WAIT;
	if (f->state != ANSWERED || f->fd != b->fd || f->from != b->file_pos) {
		f->fd = b->fd;
		f->from = b->file_pos;
		f->wanted = buf_size(b) < FETCH_PIECE ? (size_t)buf_size(b) : FETCH_PIECE;
		if (read_piece(r, f) == FETCH_WAIT)
			return FETCH_WAIT;
	}
	f->state = IDLE;
	if (f->got <= 0)
		return fail(r, f->got < 0 ? f->error : 0);
	*bytes = (struct str){f->bytes, (size_t)f->got};
	return FETCH_READY;
}

/* Reads the next piece of the file at the front of r->pending, and puts a buf with these
 * bytes before the rest of the file. */
static enum send_result fetch_front(struct request *r)
{
	struct buf *b = r->pending->buf;
	struct fetch *f;
	struct str bytes;

	if (file_rules(r)->aio_pool == NULL || open_file_of(r, b->fd) == NULL)
		return SEND_DONE; /* no piece is needed: sendfile sends this file */
	switch (fetch_bytes(r, b, &bytes)) {
	case FETCH_READY:
		break;
	case FETCH_WAIT:
		return SEND_AGAIN;
	case FETCH_FAILED:
		return SEND_ERROR;
	}
	f = r->fetch;
	f->buf = (struct buf){.fd = -1, .pos = bytes.data, .last = bytes.data + bytes.len};
	f->link = (struct chain){&f->buf, r->pending};
	b->file_pos += (off_t)bytes.len;
	r->pending = &f->link;
	return SEND_DONE;
}

/* ---- the module: its hook makes responses use fetch_front */

static int start(void *section)
{
	send_read_with(fetch_front);
	return 0;
}

extern struct module fetch_module;

struct module fetch_module = {.name = "fetch", .kind = MODULE_CORE, .start = start};
