#include "http/answer/subrequest.h"

#include "base/clock.h"
#include "http/answer/phases.h"
#include "http/wire/client.h"
#include "io/file.h"

extern struct module subrequest_module;

struct subrequest_rules {
	int64_t buffer_size; /* room for the body of a subrequest with BODY_KEPT */
};

struct request *subrequest_active(struct request *main)
{
	return main->page != NULL && main->page->active != NULL ? main->page->active : main;
}

/* Makes r the active request. The handler of r may be waiting until it can give its next piece
 * (request_pump). In this case the event loop will call the handler in its next turn. */
static void activate(struct request *main, struct request *r)
{
	main->page->active = r;
	if (r->on_room != NULL)
		conn_post_next(main->client->conn);
}

static struct postponed *postpone(struct request *r, struct request *sub, struct chain *data)
{
	struct postponed *p = pool_zalloc(r->pool, sizeof(*p)), **at = &r->postponed;

	if (p == NULL)
		return NULL;
	p->request = sub;
	if (chain_append_all(r->pool, &p->data, data) < 0)
		return NULL;
	while (*at != NULL)
		at = &(*at)->next;
	return *at = p;
}

static void start_later(struct request *sub)
{
	struct request **at = &sub->main->page->waiting;

	while (*at != NULL)
		at = &(*at)->sub->next_waiting;
	*at = sub;
	/* client_run starts the subrequest. If client_run is not running now, conn_post makes
	 * the event loop call it later. */
	if (!sub->client->running)
		conn_post(sub->client->conn);
}

bool subrequest_run_next(struct request *main)
{
	struct request *sub = main->page != NULL ? main->page->waiting : NULL;

	if (sub == NULL)
		return false;
	main->page->waiting = sub->sub->next_waiting;
	phase_run(sub);
	return true;
}

static void subrequest_finish(struct request *r);

static uint8_t depth_of(const struct request *r)
{
	return r->sub != NULL ? r->sub->depth : 0;
}

static bool is_shown(const struct request *r)
{
	return r->sub == NULL || r->sub->body_fate == BODY_SHOWN;
}

static struct request *copy_for(struct request *parent, struct str uri, struct str args)
{
	struct request *sub = pool_zalloc(parent->pool, sizeof(*sub));

	if (sub == NULL)
		return NULL;
	sub->sub = pool_zalloc(parent->pool, sizeof(*sub->sub));
	if (sub->sub == NULL)
		return NULL;
	sub->client = parent->client;
	sub->pool = parent->pool;
	sub->http = parent->http;
	sub->main = parent->main;
	sub->sub->parent = parent;
	sub->finish = subrequest_finish;
	sub->sub->depth = depth_of(parent) + 1;
	sub->in = parent->in;
	sub->in.body_kind = BODY_NONE;
	sub->in.content_length = LENGTH_UNKNOWN;
	sub->method = METHOD_GET;
	sub->uri = uri;
	sub->args = args;
	sub->internal = true;
	sub->began = now.ms;
	sub->limit_rate = CONF_UNSET;
	sub->phase = PHASE_SERVER_REWRITE;
	response_init(&sub->out);
	request_set_server(sub, parent->server);
	return sub;
}

struct request *subrequest_create(struct request *parent, struct str uri, struct str args,
				  void (*on_done)(struct request *r, void *data), void *data)
{
	struct request *main = parent->main, *sub;
	bool first = subrequest_active(main) == parent && parent->postponed == NULL;

	if (main->page == NULL)
		main->page = pool_zalloc(main->pool, sizeof(*main->page));
	if (main->page == NULL)
		return NULL;
	/* the output of `parent` is not part of the page, so the page has no place for the
	 * subrequest */
	if (!is_shown(parent)) {
		request_log(parent, LOG_ERROR, "\"%.*s\" is not shown and cannot include anything",
			    STR_ARGS(parent->uri));
		return NULL;
	}
	/* a limit for the depth is not enough: a page that includes itself twice could have
	 * 2^50 subrequests */
	if (depth_of(parent) >= SUBREQUESTS_MAX || main->page->count >= SUBREQUESTS_ALL) {
		request_log(parent, LOG_ERROR, "subrequests cycle while using \"%.*s\"",
			    STR_ARGS(uri));
		return NULL;
	}
	sub = copy_for(parent, uri, args);
	if (sub == NULL || postpone(parent, sub, NULL) == NULL)
		return NULL;
	main->page->count++;
	sub->sub->on_done = on_done;
	sub->sub->data = data;
	if (first)
		activate(main, sub);
	start_later(sub);
	return sub;
}

/* Sends the postponed data of r. The function stops at a subrequest that is not done. Returns
 * true if the list is empty. */
static bool send_postponed(struct request *r)
{
	while (r->postponed != NULL) {
		struct postponed *p = r->postponed;

		if (p->request != NULL) {
			if (!p->request->ended) {
				activate(r->main, p->request);
				send_postponed(p->request);
				return false;
			}
			activate(r->main, p->request);
			if (!send_postponed(p->request))
				return false;
			activate(r->main, r);
		} else if (filter_body_next(r->main->page->filter, r->main, p->data) ==
			   SEND_ERROR) {
			r->main->failed = true;
		}
		r->postponed = p->next;
	}
	return true;
}

/* When a request is done, makes its parent the active request. If the parent is done, too, goes
 * on with the parent of the parent. */
static void hand_on(struct request *r)
{
	while (r->sub != NULL && r->ended && send_postponed(r)) {
		struct request *parent = r->sub->parent;

		activate(r->main, parent);
		parent->postponed = parent->postponed->next;
		send_postponed(parent);
		if (subrequest_active(r->main) != parent)
			return;
		r = parent;
	}
	if (r->sub == NULL && r->finishing)
		request_finish(r);
}

static void subrequest_finish(struct request *r)
{
	r->ended = true;
	if (r->sub->body_fate != BODY_DROPPED)
		r->main->failed |= r->failed;
	if (r->sub->on_done != NULL)
		r->sub->on_done(r, r->sub->data);
	if (subrequest_active(r->main) == r)
		hand_on(r);
}

bool subrequests_are_done(struct request *main)
{
	main->finishing = true;
	return main->postponed == NULL || main->client->lost;
}

static size_t buffer_size(const struct request *r)
{
	const struct subrequest_rules *l = request_section(r, LEVEL_LOCATION, &subrequest_module);

	return (size_t)l->buffer_size;
}

/* Copies the bytes of a buf. A file is read immediately, because there is no socket to wait
 * for. */
static int keep_buf(struct request *r, struct buf *b)
{
	struct str *kept = &r->sub->kept;
	size_t size = (size_t)buf_size(b), room = buffer_size(r);
	char *to = (char *)kept->data + kept->len;

	if (size > room - kept->len) {
		request_log(r, LOG_ERROR, "the answer to a subrequest is larger than %zu bytes",
			    room);
		kept->len = 0;
		r->sub->body_fate = BODY_DROPPED;
		return 0;
	}
	if (!buf_in_file(b))
		put_str(to, (struct str){b->pos, size});
	else if (file_read_at(b->fd, to, size, b->file_pos) != (ssize_t)size)
		return -1;
	kept->len += size;
	return 0;
}

static enum send_result keep(struct request *r, struct chain *in)
{
	struct subrequest *s = r->sub;

	if (s->kept.data == NULL)
		s->kept.data = pool_bytes(r->pool, buffer_size(r));
	if (s->kept.data == NULL)
		return SEND_ERROR;
	for (; in != NULL && s->body_fate == BODY_KEPT; in = in->next)
		if (buf_size(in->buf) > 0 && keep_buf(r, in->buf) < 0)
			return SEND_ERROR;
	return SEND_DONE;
}

static enum send_result body(const struct filter *const *self, struct request *r, struct chain *in)
{
	if (r->main->page == NULL) /* most requests have no subrequests */
		return filter_body_next(self, r, in);
	r->main->page->filter = self;
	if (!is_shown(r))
		return r->sub->body_fate == BODY_KEPT ? keep(r, in) : SEND_DONE;
	if (subrequest_active(r->main) == r && r->postponed == NULL)
		return filter_body_next(self, r->main, in);
	if (in != NULL && postpone(r, NULL, in) == NULL)
		return SEND_ERROR;
	return SEND_DONE;
}

const struct filter postpone_filter = {"postpone", NULL, body, NULL};

/* ---- the module */

static const struct directive directives[] = {
    {"subrequest_output_buffer_size", IN_HTTP_ALL | ARGS_1, conf_set_size, LEVEL_LOCATION,
     SETTING(struct subrequest_rules, buffer_size, 4096)},
    {.name = NULL},
};

static const struct http_hooks hooks = {.location_size = sizeof(struct subrequest_rules)};

struct module subrequest_module = {
    .name = "subrequest", .kind = MODULE_HTTP, .directives = directives, .hooks = &hooks};
