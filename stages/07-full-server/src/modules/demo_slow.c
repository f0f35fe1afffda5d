/*
 * demo_slow: an answer that takes a long time and contains the name of its client.
 *
 *     location /slow { demo_slow 2s; }      /slow?Ann: "for Ann, after 2000 ms of work"
 *
 * A thread of the pool "default" does the work, so the event loop can serve other clients. The
 * module shows what happens to the answer if the client leaves in the meantime, and its slot
 * belongs to another client.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "http/request/filter.h"
#include "http/site/core.h"
#include "http/work/work.h"

extern struct module demo_slow_module;

struct slow_location {
	int64_t duration; /* in ms */
	struct named_pool *pool;
};

/* The data of the thread. The request may end while the thread works, so `who` is a copy of the
 * query. */
struct slow {
	struct work work;
	int64_t duration;
	size_t len;
	char *answer; /* behind the bytes of `who` */
	char who[];
};

static int merge_location(struct conf *cf, void *outer, void *inner)
{
	struct slow_location *o = outer, *i = inner;

	if (i->pool == NULL)
		*i = *o;
	return 0;
}

/* Runs in a thread. The sleep represents any slow work. */
static void run(struct work *w)
{
	struct slow *s = CONTAINER_OF(w, struct slow, work);
	struct timespec time = {s->duration / 1000, s->duration % 1000 * 1000000};

	nanosleep(&time, NULL);
	s->len = (size_t)sprintf(s->answer, "for %s, after %lld ms of work\n", s->who,
				 (long long)s->duration);
}

/* Runs in the event loop. r is NULL if the client has left. */
static void finish(struct request *r, struct work *w)
{
	struct slow *s = CONTAINER_OF(w, struct slow, work);

	if (r != NULL) {
		struct str answer = pool_str(r->pool, (struct str){s->answer, s->len});

		r->failed |= answer.data == NULL;
		if (!r->failed)
			request_send_text(r, 200, STR("text/plain"), answer);
		request_finish(r);
	}
	free(s);
}

static struct slow *slow_create(struct str who, int64_t duration)
{
	enum { WORDS = 64 };
	struct slow *s = malloc(sizeof(*s) + who.len + 1 + who.len + WORDS);

	if (s == NULL)
		return NULL;
	*s = (struct slow){.work = {.run = run, .finish = finish}, .duration = duration};
	*put_str(s->who, who) = '\0';
	s->answer = s->who + who.len + 1;
	return s;
}

static enum phase_result serve(struct request *r)
{
	const struct slow_location *l = request_section(r, LEVEL_LOCATION, &demo_slow_module);
	struct slow *s;

	if (r->method != METHOD_GET && r->method != METHOD_HEAD)
		return request_refuse(r, 405);
	if (r != r->main)
		return request_refuse(r, 404); /* only a demonstration, not for subrequests */
	s = slow_create(r->args.len > 0 ? r->args : STR("a client"), l->duration);
	if (s == NULL)
		return request_refuse(r, 500);
	if (work_start(r, l->pool, &s->work) < 0) {
		free(s);
		return request_refuse(r, 503);
	}
	return PHASE_WAIT;
}

static int set_slow(struct conf *cf, const struct directive *d, void *section)
{
	struct slow_location *l = section;

	if (l->pool != NULL)
		return conf_duplicate(cf);
	if (!parse_ms(cf->args[1], &l->duration))
		return conf_bad_value(cf, cf->args[1]);
	l->pool = thread_pools_use(cf, STR("default"));
	if (l->pool == NULL)
		return -1;
	core_location_of(cf->scope->sections[LEVEL_LOCATION])->handler = serve;
	return 0;
}

static const struct directive directives[] = {
    {"demo_slow", IN_SERVER | IN_LOCATION | ARGS_1, set_slow, LEVEL_LOCATION},
    {.name = NULL},
};

static const struct http_hooks hooks = {
    .location_size = sizeof(struct slow_location),
    .merge_location = merge_location,
};

struct module demo_slow_module = {
    .name = "demo_slow", .kind = MODULE_HTTP, .directives = directives, .hooks = &hooks};
