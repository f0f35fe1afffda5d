/*
 * status: what this process is doing, as JSON, down to the free lists.
 *
 *     location = /status { status; }
 *
 * www/status.html draws it. With several workers, one of them answers for
 * itself. Nothing is estimated: each number is one that its part keeps anyway.
 */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/client.h"
#include "http/core.h"
#include "http/version.h"
#include "mem/alloc.h"

extern struct module status_module;

enum { PAGE_ROOM = 4096 };

static int64_t started; /* monotonic ms */

/* A page that is written from front to back; what does not fit is an error of ours. */
struct page {
	char *to, *end;
};

static void put(struct page *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(struct page *p, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(p->to, (size_t)(p->end - p->to), format, args);
	va_end(args);
	assert(len >= 0 && len < p->end - p->to);
	p->to += len;
}

static void put_process(struct page *p)
{
	put(p, "  \"version\": \"%s\",\n  \"pid\": %d,\n", SERVER_FULL_NAME, (int)getpid());
	put(p, "  \"uptime_ms\": %lld,\n", (long long)(now.ms - started));
}

static void put_connections(struct page *p)
{
	const struct client_stats *s = &client_stats;

	put(p, "  \"connections\": {\"reading\": %llu, \"writing\": %llu, \"waiting\": %llu,\n",
	    (unsigned long long)s->reading, (unsigned long long)s->writing,
	    (unsigned long long)s->waiting);
	put(p,
	    "    \"accepted\": %llu, \"handled\": %llu, \"refused\": %llu, \"reused\": "
	    "%llu},\n",
	    (unsigned long long)accept_stats.accepted, (unsigned long long)accept_stats.handled,
	    (unsigned long long)conn_stats.refused, (unsigned long long)conn_stats.reused);
	put(p,
	    "  \"slots\": {\"size\": %u, \"used\": %u, \"reusable\": %u, \"stale_events\": "
	    "%llu},\n",
	    conn_stats.size, conn_stats.used, conn_stats.reusable,
	    (unsigned long long)conn_stats.stale);
	put(p, "  \"requests\": %llu,\n  \"timers\": %u,\n", (unsigned long long)s->requests,
	    timers_count());
}

static void put_memory(struct page *p)
{
	const struct alloc *a = &alloc_main;

	put(p,
	    "  \"pools\": {\"alive\": %zu, \"blocks\": %zu, \"kept\": %zu, \"block_size\": %d, "
	    "\"large_bytes\": %zu},\n",
	    pool_stats.pools, pool_stats.blocks, pool_stats.kept, (int)POOL_BLOCK,
	    pool_stats.large_bytes);
	put(p,
	    "  \"allocator\": {\"heap_bytes\": %zu, \"large_blocks\": %zu,\n    "
	    "\"small_blocks\": {",
	    a->heap_size, a->large_live);
	for (int i = 0; i < ALLOC_LISTS; i++)
		put(p, "%s\"%d\": %zu", i > 0 ? ", " : "", (i + 1) * ALLOC_STEP, a->live[i]);
	put(p, "}}\n");
}

static enum phase_result serve(struct request *r)
{
	char *text = pool_bytes(r->pool, PAGE_ROOM);
	struct page p = {text, text + PAGE_ROOM};

	if (r->method != METHOD_GET && r->method != METHOD_HEAD)
		return request_refuse(r, 405);
	if (text == NULL ||
	    header_add(r->pool, &r->out.headers, STR("Cache-Control"), STR("no-store")) == NULL)
		return request_refuse(r, 500);
	put(&p, "{\n");
	put_process(&p);
	put_connections(&p);
	put_memory(&p);
	put(&p, "}\n");
	return request_send_text(r, 200, STR("application/json"), str_between(text, p.to));
}

static int set_status(struct conf *cf, const struct directive *d, void *section)
{
	(void)d;
	(void)section;
	core_location_of(cf->scope->sections[LEVEL_LOCATION])->handler = serve;
	return 0;
}

static int start(struct http *http)
{
	(void)http;
	started = now.ms;
	return 0;
}

static const struct directive directives[] = {
    {"status", IN_SERVER | IN_LOCATION | ARGS_0, set_status, LEVEL_LOCATION, 0, NULL},
    {.name = NULL},
};

static const struct http_hooks hooks = {.start = start};

struct module status_module = {
    .name = "status", .kind = MODULE_HTTP, .directives = directives, .hooks = &hooks};
