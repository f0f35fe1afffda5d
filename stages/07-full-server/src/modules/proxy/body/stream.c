#include "modules/proxy/body/stream.h"

#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/answer/subrequest.h"
#include "http/request/filter.h"
#include "io/file.h"
#include "mem/alloc.h"

enum { TURN = 1 << 20 }; /* bytes that one stream may read in one turn of the event loop */

/* A block of memory. [from, to) are decoded bytes, and [to, end) is free. */
struct block {
	struct block *next;
	char *from, *to, *end, *start;
	/* the memory belongs to other code, so the stream must not write into it or free it */
	bool foreign;
	char bytes[];
};

static bool block_is_empty(const struct block *b)
{
	return b->from == b->to;
}

static void block_reset(struct block *b)
{
	b->from = b->to = b->start;
}

/* ---- the queue of blocks */

static void append(struct stream *s, struct block *b)
{
	b->next = NULL;
	if (s->last != NULL)
		s->last->next = b;
	else
		s->first = b;
	s->last = b;
}

/* Keeps the block for later use. The block must not be in the queue; its bytes are dropped. */
static void put_aside(struct stream *s, struct block *b)
{
	if (b->foreign)
		return;
	block_reset(b);
	b->next = s->spare;
	s->spare = b;
}

static struct block *take_first(struct stream *s)
{
	struct block *b = s->first;

	s->first = b->next;
	if (s->first == NULL)
		s->last = NULL;
	return b;
}

static size_t size_of_next(const struct stream *s)
{
	enum { LEAST = 1024 };

	if (s->framing != FRAMING_LENGTH || s->left >= (int64_t)s->block_size || s->unbuffered)
		return s->block_size;
	return s->left > LEAST ? (size_t)s->left : LEAST;
}

static struct block *block_create(struct stream *s)
{
	size_t size = size_of_next(s);
	struct block *b = alloc_large(sizeof(*b) + size);

	if (b == NULL)
		return NULL;
	*b = (struct block){.start = b->bytes, .end = b->bytes + size};
	block_reset(b);
	s->blocks++;
	return b;
}

static void free_list(struct block *b)
{
	while (b != NULL) {
		struct block *next = b->next;

		if (!b->foreign)
			alloc_large_free(b);
		b = next;
	}
}

void stream_fini(struct stream *s)
{
	free_list(s->first);
	free_list(s->spare);
	s->first = s->last = s->spare = NULL;
	s->conn = NULL;
}

/* ---- the temporary file */

static int file_create(struct stream *s)
{
	s->fd = temp_file_create(s->r->pool, s->temp, &s->path);
	if (s->fd < 0)
		return -1;
	unlink(s->path.data);
	if (pool_cleanup_fd(s->r->pool, s->fd) == 0)
		return 0;
	close(s->fd);
	s->fd = -1;
	return -1;
}

/* Writing failed, for example because the disk is full. From now on the stream does not use the
 * file, so the speed of the client limits the speed of reading. */
static int file_failed(struct stream *s)
{
	request_log_errno(s->r, LOG_CRIT, "a temporary file in \"%.*s\"", STR_ARGS(s->temp->path));
	s->max_temp = 0;
	return -1;
}

static int file_append(struct stream *s, const struct block *b)
{
	size_t size = (size_t)(b->to - b->from);

	if (s->file_end + (off_t)size > s->max_temp)
		return -1;
	if (s->fd < 0 && file_create(s) < 0)
		return file_failed(s);
	if (file_write_all(s->fd, b->from, size, s->file_end) < 0)
		return file_failed(s);
	s->file_end += (off_t)size;
	return 0;
}

/* Moves blocks to the file, the oldest first. The client may be taking the first block, so this
 * block stays in memory. */
static void spill(struct stream *s)
{
	struct block *kept = s->busy && !s->given_file ? take_first(s) : NULL;
	off_t before = s->file_end;

	while (s->first != NULL && s->file_end - before < s->temp_write &&
	       file_append(s, s->first) == 0) {
		struct block *b = take_first(s);

		put_aside(s, b);
	}
	if (kept == NULL)
		return;
	kept->next = s->first;
	s->first = kept;
	if (s->last == NULL)
		s->last = kept;
}

/* ---- reading */

/* Returns a block with room. Returns NULL when all blocks and the file are full, or when there
 * is no memory. */
static struct block *block_with_room(struct stream *s)
{
	struct block *b = s->last;
	bool given = b == s->first && s->busy && !s->given_file;

	/* Bytes behind given bytes would keep the block in memory. So the new bytes go to
	 * another block, which can be moved to the file. */
	if (b != NULL && !b->foreign && !given && (size_t)(b->end - b->to) >= s->block_size / 4)
		return b;
	if (s->spare == NULL && s->blocks == s->block_max && s->max_temp > 0)
		spill(s);
	if (s->spare == NULL && s->blocks == s->block_max)
		return NULL;
	b = s->spare != NULL ? s->spare : block_create(s);
	if (b == NULL) {
		pool_set_starved(s->r->main->pool, true);
		return NULL;
	}
	if (b == s->spare)
		s->spare = b->next;
	append(s, b);
	return b;
}

static void add_data(struct block *b, struct str data)
{
	if (block_is_empty(b))
		b->from = b->to = (char *)data.data;
	if (b->to != data.data)
		memmove(b->to, data.data, data.len);
	b->to += data.len;
}

void stream_cut(struct stream *s, const char *problem)
{
	s->over = true;
	s->problem = problem;
}

static void decode_chunks(struct stream *s, struct block *b, const char *at, const char *end)
{
	enum chunked_result result;
	struct str data;

	while ((result = chunked_next(&s->chunked, &at, end, &data)) == CHUNKED_DATA)
		add_data(b, data);
	if (result == CHUNKED_BAD) {
		stream_cut(s, "upstream sent an invalid chunk");
	} else if (result == CHUNKED_END) {
		s->over = s->whole = true;
		s->excess = at < end;
	}
}

/* Decodes n new bytes that lie in the free part of the block. */
static void decode(struct stream *s, struct block *b, const char *at, size_t n)
{
	const char *before = b->to;
	bool was_empty = block_is_empty(b);

	s->received += (int64_t)n;
	if (s->framing == FRAMING_CHUNKED) {
		decode_chunks(s, b, at, at + n);
	} else {
		if (s->framing == FRAMING_LENGTH && (int64_t)n >= s->left) {
			s->excess = (int64_t)n > s->left;
			n = (size_t)s->left;
			s->over = s->whole = true;
		}
		s->left -= (int64_t)n;
		add_data(b, (struct str){at, n});
	}
	if (was_empty)
		before = b->from;
	s->decoded += b->to - before;
	if (s->on_bytes != NULL && b->to > before)
		s->on_bytes(s->r, str_between(before, b->to));
}

static void ended(struct stream *s, enum io_result result)
{
	if (result == IO_EOF && s->framing == FRAMING_CLOSE)
		s->over = s->whole = true;
	else if (result == IO_EOF)
		stream_cut(s, "upstream prematurely closed connection");
	else
		stream_cut(s, "upstream broke the connection");
}

/* Returns the ms until the rate allows more bytes. */
static int64_t rest_for(const struct stream *s)
{
	int64_t allowed = s->rate * ((now.ms - s->began) / 1000 + 1);

	if (s->rate == 0 || s->received < allowed)
		return 0;
	return (s->received - allowed) * 1000 / s->rate + 1;
}

static size_t room_in(const struct stream *s, const struct block *b)
{
	size_t room = (size_t)(b->end - b->to);

	return s->rate > 0 && (int64_t)room > s->rate ? (size_t)s->rate : room;
}

static int give(struct stream *s);

/* Reads once. Returns false when no more bytes can be read now. */
static bool read_once(struct stream *s)
{
	struct block *b = block_with_room(s);
	enum io_result result;
	size_t got;

	s->full = b == NULL;
	if (s->full)
		return false;
	result = conn_read(s->conn, b->to, room_in(s, b), &got);
	if (got > 0)
		decode(s, b, b->to, got);
	if (result > IO_AGAIN)
		ended(s, result);
	return result == IO_OK;
}

static enum stream_result result_of(const struct stream *s)
{
	if (!s->over)
		return STREAM_WAIT;
	return s->whole ? STREAM_WHOLE : STREAM_CUT;
}

enum stream_result stream_read(struct stream *s)
{
	int64_t until = s->received + TURN;

	s->rest = 0;
	s->turn_over = false;
	while (!s->over && s->conn != NULL && s->conn->may_read) {
		s->turn_over = s->received >= until;
		s->rest = rest_for(s);
		if (s->turn_over || s->rest > 0 || !read_once(s))
			break;
		if (give(s) < 0)
			return STREAM_LOST;
	}
	if (pool_is_starved(s->r->main->pool) || give(s) < 0)
		return STREAM_LOST;
	return result_of(s);
}

/* ---- giving */

/*
 * All bytes of the file have been given to the socket, so the file is used again from its
 * start. The socket may still refer to pages of the file, because sendfile does not copy them.
 * New bytes in these pages would reach the client instead of the old ones. So the file is
 * truncated first. After that, the old pages belong only to the socket.
 */
static void file_restart(struct stream *s)
{
	if (ftruncate(s->fd, 0) == 0)
		s->file_sent = s->file_end = 0;
}

/* Called when the client has taken the given bytes. */
static void take_back(struct stream *s)
{
	struct block *b = s->first;

	s->busy = false;
	if (s->given_file) {
		s->file_sent = s->file_given;
		if (s->file_sent == s->file_end)
			file_restart(s);
		return;
	}
	if (s->given_to == NULL) /* the last given buf was only a mark for the end */
		return;
	b->from = s->given_to;
	if (!block_is_empty(b))
		return;
	if (b == s->last && !b->foreign && !s->over)
		block_reset(b);
	else
		put_aside(s, take_first(s));
}

static bool anything_behind(const struct stream *s)
{
	if (s->given_file)
		return s->first != NULL && !block_is_empty(s->first);
	return s->first != NULL && s->first->next != NULL && !block_is_empty(s->first->next);
}

/* Sets s->given to the next piece. Returns false when there is no piece now. */
static bool choose(struct stream *s)
{
	struct buf *b = s->given;

	while (s->first != NULL && block_is_empty(s->first) && s->first != s->last)
		put_aside(s, take_first(s));
	*b = (struct buf){.fd = -1, .recycled = true, .flush = s->unbuffered};
	s->given_file = s->file_sent < s->file_end;
	s->given_to = NULL;
	if (s->given_file) {
		b->fd = s->fd;
		b->file_pos = s->file_sent;
		b->file_last = s->file_given = s->file_end;
	} else if (s->first != NULL && !block_is_empty(s->first)) {
		b->pos = s->first->from;
		b->last = s->given_to = s->first->to;
	} else if (!s->whole || s->last_given) {
		return false;
	}
	if (s->whole && !anything_behind(s)) {
		b->last_buf = s->r == s->r->main;
		b->last_in_chain = true;
		s->last_given = true;
	}
	return true;
}

/* Returns true when the client's socket has taken all given bytes: no filter holds some, and no
 * other part of the page must be sent first. */
static bool is_taken(const struct request *r)
{
	return r->main->pending == NULL && !r->main->held && r->postponed == NULL &&
	       subrequest_active(r->main) == r;
}

static void drop_all(struct stream *s)
{
	while (s->first != NULL) {
		s->first->to = s->first->from;
		put_aside(s, take_first(s));
	}
}

/* For `hold`: a filter needs the whole body at once, and keeps these bufs. */
static int give_whole(struct stream *s)
{
	struct pool *pool = s->r->pool;
	struct chain *all = NULL;
	struct buf *end = buf_mark(pool);

	if (s->file_end > 0 && chain_append(pool, &all, buf_file(pool, s->fd, 0, s->file_end)) < 0)
		return -1;
	for (struct block *b = s->first; b != NULL; b = b->next)
		if (!block_is_empty(b) &&
		    chain_append(pool, &all, buf_memory(pool, str_between(b->from, b->to))) < 0)
			return -1;
	if (chain_append(pool, &all, end) < 0)
		return -1;
	end->last_buf = s->r == s->r->main;
	end->last_in_chain = s->last_given = true;
	return filter_body(s->r, all) == SEND_ERROR ? -1 : 0;
}

static int give(struct stream *s)
{
	if (s->hold)
		return s->whole && !s->last_given ? give_whole(s) : 0;
	if (s->silent)
		drop_all(s);
	while (!s->busy && (!s->silent || s->over) && choose(s)) {
		struct chain link = {s->given, NULL};

		if (!s->last_given && request_open_flow(s->r->main) < 0)
			return -1;
		if (filter_body(s->r, &link) == SEND_ERROR)
			return -1;
		s->busy = true;
		if (is_taken(s->r)) {
			take_back(s);
			request_empty_flow(s->r->main);
		}
	}
	return 0;
}

enum stream_result stream_room(struct stream *s)
{
	if (s->busy)
		take_back(s);
	if (s->over)
		return give(s) < 0 ? STREAM_LOST : result_of(s);
	return stream_read(s);
}

/* ---- the beginning */

static int feed(struct stream *s, struct str there)
{
	struct block *b = pool_zalloc(s->r->pool, sizeof(*b));

	if (b == NULL)
		return -1;
	b->foreign = true;
	b->start = b->from = b->to = (char *)there.data;
	b->end = b->to + there.len;
	append(s, b);
	decode(s, b, there.data, there.len);
	return 0;
}

enum stream_result stream_begin(struct stream *s, struct str there)
{
	s->began = now.ms;
	s->left = s->length;
	s->fd = -1;
	s->given = buf_mark(s->r->pool);
	if (s->given == NULL)
		return STREAM_LOST;
	if (s->framing == FRAMING_NONE || (s->framing == FRAMING_LENGTH && s->length == 0)) {
		s->over = s->whole = true;
		s->excess = there.len > 0;
	} else if (there.len > 0 && feed(s, there) < 0) {
		return STREAM_LOST;
	}
	return stream_read(s);
}
