#include "http/answer/body.h"

#include <errno.h>
#include <unistd.h>

#include "conf/temp_path.h"
#include "http/answer/phases.h"
#include "http/request/keepalive.h"
#include "http/site/core.h"
#include "http/wire/client.h"
#include "http/wire/output.h"
#include "io/file.h"

/* The result of one step of reading a body. */
enum progress { PROGRESS_WHOLE, PROGRESS_PIECE, PROGRESS_WAIT, PROGRESS_REFUSED, PROGRESS_LOST };

bool body_is_complete(const struct request *r)
{
	return r->in.body_kind == BODY_NONE || (r->body != NULL && r->body->complete);
}

static struct body *body_get(struct request *r)
{
	struct body *b = r->body;

	if (b != NULL)
		return b;
	b = pool_zalloc(r->pool, sizeof(*b));
	if (b == NULL)
		return NULL;
	b->fd = -1;
	b->left = r->in.content_length;
	b->complete = r->in.body_kind == BODY_NONE;
	return r->body = b;
}

static void unlink_path(void *data)
{
	unlink(data);
}

/* Creates the temporary file. The file is deleted when the request ends, unless
 * client_body_in_file_only is on. */
static int open_temp(struct request *r)
{
	struct body *b = r->body;
	struct pool_cleanup *c;

	b->fd = temp_file_create(r->pool, body_rules(r)->temp, &b->path);
	if (b->fd < 0)
		return -1;
	if (pool_cleanup_fd(r->pool, b->fd) < 0) {
		close(b->fd);
		unlink(b->path.data);
		b->fd = -1;
		return -1;
	}
	if (body_rules(r)->in_file == BODY_IN_FILE_ON)
		return 0;
	c = pool_cleanup_add(r->pool, (void *)b->path.data);
	if (c != NULL)
		c->run = unlink_path;
	else
		unlink(b->path.data); /* delete the name now: the open descriptor is enough */
	return 0;
}

static int spill(struct request *r)
{
	struct body *b = r->body;

	if (b->fd < 0 && open_temp(r) < 0) {
		request_log_errno(r, LOG_CRIT, "a temporary file in \"%.*s\"",
				  STR_ARGS(body_rules(r)->temp->path));
		return -1;
	}
	if (file_write_all(b->fd, b->memory, b->used, (off_t)(b->size - b->used)) < 0) {
		request_log_errno(r, LOG_CRIT, "write(\"%.*s\")", STR_ARGS(b->path));
		return -1;
	}
	b->used = 0;
	return 0;
}

static size_t wanted_room(const struct request *r)
{
	int64_t room = body_rules(r)->buffer_size;

	/* for a body that is a little larger than the buffer, memory costs less than a file */
	if (r->in.content_length > 0 && r->in.content_length < room + room / 4)
		room = r->in.content_length;
	return (size_t)room;
}

static int keep(struct request *r, struct str data)
{
	struct body *b = r->body;

	if (b->memory == NULL) {
		b->room = wanted_room(r);
		b->memory = pool_bytes(r->pool, b->room);
		if (b->memory == NULL)
			return -1;
	}
	while (data.len > 0) {
		size_t part = data.len < b->room - b->used ? data.len : b->room - b->used;

		put_str(b->memory + b->used, (struct str){data.data, part});
		b->used += part;
		b->size += part;
		data.data += part;
		data.len -= part;
		if (data.len > 0 && spill(r) < 0)
			return -1;
	}
	return 0;
}

static int take_data(struct request *r, struct str data)
{
	struct body *b = r->body;
	int64_t most = r->core->body_max_size;

	if (most > 0 && b->wanted && b->size + data.len > (uint64_t)most)
		return 413;
	if (b->wanted)
		return keep(r, data) < 0 ? 500 : 0;
	b->size += data.len;
	return 0;
}

/* Returns how many bytes to take from the input. When the handler waits for a piece of a
 * streamed body, the number is not larger than the room that is left in this piece. */
static size_t there_is(const struct request *r, const struct input *in)
{
	const struct body *b = r->body;
	size_t there = (size_t)(in->last - in->line);
	size_t room = b->memory != NULL ? b->room - b->used : wanted_room(r);

	return b->streamed && b->wanted && room < there ? room : there;
}

/* Stores the bytes of the body that have been read. Returns 0, or the HTTP status to refuse
 * with. */
static int consume_length(struct request *r, struct input *in)
{
	struct body *b = r->body;
	size_t there = there_is(r, in);
	struct str data = {in->line, (int64_t)there < b->left ? there : (size_t)b->left};

	in->line += data.len;
	in->scan = in->line;
	b->left -= (int64_t)data.len;
	b->complete = b->left == 0;
	return take_data(r, data);
}

static int consume_chunked(struct request *r, struct input *in)
{
	struct body *b = r->body;
	const char *at = in->line, *end = at + there_is(r, in);
	struct str data;
	enum chunked_result result;
	int status = 0;

	while ((result = chunked_next(&b->chunked, &at, end, &data)) == CHUNKED_DATA && status == 0)
		status = take_data(r, data);
	in->line = in->scan = (char *)at;
	b->complete = result == CHUNKED_END;
	return result == CHUNKED_BAD ? 400 : status;
}

static int consume(struct request *r)
{
	struct input *in = r->client->input;
	const char *before = in->line;
	int status =
	    r->in.body_kind == BODY_LENGTH ? consume_length(r, in) : consume_chunked(r, in);

	r->in.size += (uint64_t)(in->line - before);
	return status;
}

static enum io_result read_more(struct request *r)
{
	struct client *c = r->client;
	size_t room = (size_t)body_rules(r)->buffer_size;

	if (!c->conn->may_read)
		return IO_AGAIN;
	if (!r->body->has_input) {
		/* the body needs an input of its own, because the bytes of the head are
		 * still used */
		struct input *fresh = input_create(room);

		if (fresh == NULL)
			return IO_ERROR;
		fresh->older = c->input;
		c->input = fresh;
		r->body->has_input = true;
	}
	c->input->line = c->input->scan = c->input->last = c->input->bytes;
	return input_read(&c->input, c->conn, room);
}

/* With client_body_in_file_only the handler uses the name of the file, so the whole body must
 * be in the file. The same is true if a part of the body is in the file already. */
static int settle(struct request *r)
{
	const struct body *b = r->body;

	if (!b->complete || !b->wanted || b->used == 0 || b->streamed ||
	    (b->fd < 0 && body_rules(r)->in_file == BODY_IN_FILE_OFF))
		return 0;
	return spill(r) < 0 ? 500 : 0;
}

static enum progress advance(struct request *r)
{
	for (;;) {
		int status = consume(r);

		if (status == 0)
			status = settle(r);

		if (status != 0) {
			r->refusal = status;
			r->keepalive = false;
			return PROGRESS_REFUSED;
		}
		if (r->body->complete)
			return PROGRESS_WHOLE;
		if (r->body->streamed && r->body->wanted && r->body->used > 0)
			return PROGRESS_PIECE;
		if (input_has_bytes(r->client->input))
			continue;
		switch (read_more(r)) {
		case IO_OK:
			break;
		case IO_AGAIN:
			return PROGRESS_WAIT;
		default:
			return PROGRESS_LOST;
		}
	}
}

static void stop_reading(struct request *r)
{
	r->on_readable = NULL;
	r->on_timeout = NULL;
	client_wait_forever(r->client);
}

/* Ends the request with this status. If the handler streams the body, the handler must end its
 * own work first. So the handler is called, and finds the status in `refusal`. */
static void refuse_body(struct request *r, int status)
{
	r->body->refusal = status;
	if (r->body->streamed)
		r->body->on_ready(r);
	else
		phase_refuse(r, status);
}

static void on_wanted_timeout(struct request *r)
{
	stop_reading(r);
	request_log(r, LOG_INFO, "client timed out while sending its body");
	refuse_body(r, 408);
}

static void on_wanted_readable(struct request *r)
{
	switch (advance(r)) {
	case PROGRESS_WAIT:
		client_wait(r->client, body_rules(r)->timeout);
		return;
	case PROGRESS_WHOLE:
	case PROGRESS_PIECE:
		stop_reading(r);
		r->body->on_ready(r);
		return;
	case PROGRESS_REFUSED:
		stop_reading(r);
		refuse_body(r, r->refusal);
		return;
	case PROGRESS_LOST:
		request_log(r, LOG_INFO, "client closed the connection within its body");
		request_abort(r);
		return;
	}
}

static int send_continue(struct request *r)
{
	if (!r->in.expects_100 || r->client->input->line < r->client->input->last)
		return 0;
	r->in.expects_100 = false;
	if (!output_add(r->client, STR("HTTP/1.1 100 Continue\r\n\r\n")))
		return -1;
	return output_flush(r->client) == SEND_ERROR ? -1 : 0;
}

static enum body_result go_on(struct request *r)
{
	switch (advance(r)) {
	case PROGRESS_WHOLE:
	case PROGRESS_PIECE:
		return BODY_READY;
	case PROGRESS_WAIT:
		r->on_readable = on_wanted_readable;
		r->on_timeout = on_wanted_timeout;
		client_wait(r->client, body_rules(r)->timeout);
		return BODY_WAIT;
	case PROGRESS_REFUSED:
		return BODY_REFUSED;
	case PROGRESS_LOST:
		break;
	}
	client_lose(r->client);
	return BODY_WAIT;
}

enum body_result body_read(struct request *r, void (*on_ready)(struct request *r))
{
	struct body *b = body_get(r);

	r->refusal = 500;
	if (b == NULL)
		return BODY_REFUSED;
	b->wanted = true;
	b->on_ready = on_ready;
	if (b->complete)
		return BODY_READY;
	if (send_continue(r) < 0)
		return BODY_REFUSED;
	return go_on(r);
}

enum body_result body_stream(struct request *r, void (*on_more)(struct request *r))
{
	struct body *b = body_get(r);

	if (b != NULL)
		b->streamed = true;
	return body_read(r, on_more);
}

enum body_result body_next(struct request *r)
{
	r->body->used = 0;
	r->refusal = 500;
	return r->body->complete ? BODY_READY : go_on(r);
}

/* The limit for a body that is dropped is lingering_timeout, not client_body_timeout. */
static void on_discard_timeout(struct request *r)
{
	stop_reading(r);
	r->keepalive = false;
	r->body->on_ready(r);
}

static void on_discard_readable(struct request *r)
{
	enum progress progress = advance(r);

	if (progress == PROGRESS_WAIT) {
		client_wait(r->client, keepalive_rules(r)->lingering_timeout);
		return;
	}
	stop_reading(r);
	if (progress == PROGRESS_LOST)
		client_lose(r->client);
	if (progress != PROGRESS_WHOLE)
		r->keepalive = false;
	r->body->on_ready(r);
}

/* A client that waits for "100 Continue" may get a final response instead. After that, the
 * client can still send its body, or leave the body out. The server cannot know which, so the
 * connection is not kept. */
bool body_discard(struct request *r, void (*on_done)(struct request *r))
{
	struct body *b;

	if (body_is_complete(r) || !r->keepalive || r->in.expects_100) {
		r->keepalive = r->keepalive && body_is_complete(r);
		return true;
	}
	b = body_get(r);
	if (b == NULL) {
		r->keepalive = false;
		return true;
	}
	b->wanted = false;
	b->on_ready = on_done;
	switch (advance(r)) {
	case PROGRESS_WHOLE:
		return true;
	case PROGRESS_WAIT:
		r->on_readable = on_discard_readable;
		r->on_timeout = on_discard_timeout;
		client_wait(r->client, keepalive_rules(r)->lingering_timeout);
		return false;
	default:
		r->keepalive = false;
		return true;
	}
}

struct chain *body_chain(struct request *r)
{
	struct body *b = r->body;
	struct chain *chain = NULL;
	uint64_t in_file = b->size - b->used;

	errno = 0;
	if (in_file > 0 &&
	    chain_append(r->pool, &chain, buf_file(r->pool, b->fd, 0, (off_t)in_file)) < 0)
		return NULL;
	if (b->used > 0 && chain_append(r->pool, &chain,
					buf_memory(r->pool, (struct str){b->memory, b->used})) < 0)
		return NULL;
	return chain;
}

/* ---- the module */

static int merge_location(struct conf *cf, void *outer, void *inner)
{
	struct body_rules *l = inner;

	if (l->temp == NULL)
		l->temp = temp_path_default(cf, STR("client_body_temp"));
	return l->temp != NULL ? 0 : -1;
}

static const struct conf_name in_file_names[] = {
    {"off", BODY_IN_FILE_OFF}, {"on", BODY_IN_FILE_ON}, {"clean", BODY_IN_FILE_CLEAN}, {NULL, 0}};

#define ROW(name, args, set, member, otherwise)                                                    \
	name, IN_HTTP_ALL | (args), set, LEVEL_LOCATION,                                           \
	    SETTING(struct body_rules, member, otherwise)

static const struct directive directives[] = {
    {ROW("client_body_timeout", ARGS_1, conf_set_ms, timeout, 60000)},
    {ROW("client_body_buffer_size", ARGS_1, conf_set_size, buffer_size, 16384)},
    {ROW("client_body_in_file_only", ARGS_1, conf_set_enum, in_file, BODY_IN_FILE_OFF),
     .extra = in_file_names},
    {ROW("client_body_temp_path", ARGS_1 | ARGS_2 | ARGS_3 | ARGS_4, conf_set_temp_path, temp, 0)},
    {.name = NULL},
};

static const struct http_hooks hooks = {.location_size = sizeof(struct body_rules),
					.merge_location = merge_location};

struct module body_module = {
    .name = "body", .kind = MODULE_HTTP, .directives = directives, .hooks = &hooks};
