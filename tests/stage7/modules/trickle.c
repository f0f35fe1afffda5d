/*
 * trickle: a module for tests: an answer of many pieces, each given when the client has taken
 * the ones before it. Its last piece says how many bytes waited at most.
 */
#include "http/answer/finish.h"
#include "http/request/filter.h"
#include "http/site/core.h"

extern struct module trickle_module;

enum { PIECE = 32768, PIECES = 400 };

struct trickle {
	int given;
	off_t most;
};

static void give(struct request *r)
{
	struct trickle *t = request_context(r, &trickle_module);
	bool last = t->given == PIECES;
	char *bytes = pool_bytes(r->pool, PIECE);
	off_t waiting = chain_size(r->main->pending);
	struct buf *b;
	struct chain link;

	t->most = waiting > t->most ? waiting : t->most;
	memset(bytes, 'a' + t->given % 26, PIECE);
	b = buf_memory(r->pool, last ? pool_print(r->pool, "most %lld\n", (long long)t->most)
				     : (struct str){bytes, PIECE});
	b->last_buf = last && r == r->main;
	b->last_in_chain = last;
	link = (struct chain){b, NULL};
	t->given++;
	if (filter_body(r, &link) == SEND_ERROR)
		request_abort(r);
	else if (last)
		request_finish(r);
	else
		request_pump(r, give);
}

static enum phase_result serve(struct request *r)
{
	struct trickle *t;

	if (!str_ends(r->uri, STR(".trickle")))
		return PHASE_NEXT;
	t = pool_zalloc(r->pool, sizeof(*t));
	if (t == NULL || request_set_context(r, &trickle_module, t) < 0)
		return request_refuse(r, 500);
	r->out.content_type = STR("text/plain");
	if (filter_head(r) == SEND_ERROR)
		return request_refuse(r, 500);
	request_pump(r, give);
	return PHASE_WAIT;
}

static int setup(struct conf *cf)
{
	return phase_add(cf, PHASE_CONTENT, serve);
}

static const struct http_hooks hooks = {.setup = setup};

struct module trickle_module = {.name = "trickle", .kind = MODULE_HTTP, .hooks = &hooks};
