/*
 * status: the state of the server as JSON, including the free lists of the allocator.
 *
 *     location = /status { status; }
 *
 * www/status.html shows these numbers as a page. Most numbers are sums over all workers. The
 * numbers of each worker follow; they are from the end of its last turn of the event loop. The
 * totals include workers that have ended. The numbers of the allocator and of the upstream
 * servers belong to the process that answers. The server counts all these numbers anyway, so
 * none is estimated.
 */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "conf/zone.h"
#include "event/board.h"
#include "http/message/version.h"
#include "http/request/filter.h"
#include "http/site/core.h"
#include "mem/alloc.h"
#include "modules/upstream/upstream.h"

extern struct module status_module;

enum { PAGE_ROOM = 4096, WORKER_ROOM = 768, ZONE_ROOM = 256, SERVER_ROOM = 192 };

struct status_main {
	struct zones *zones;
};

/* The text of the page. The room is computed before, so a page that does not fit is a bug (see
 * the assert in put). */
struct page {
	char *to, *end;
	uint32_t slots; /* the number of board slots for which there is room */
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

/* Writes "name": value. */
static void put_count(struct page *p, const char *name, uint64_t value)
{
	put(p, "\"%s\": %llu", name, (unsigned long long)value);
}

static void put_process(struct page *p)
{
	put(p, "  \"version\": \"%s\",\n  \"pid\": %d,\n", SERVER_FULL_NAME, (int)getpid());
	put(p, "  \"uptime_ms\": %lld,\n", (long long)board_age());
}

static bool is_in_group(const struct board_number *n, const char *group)
{
	return group == NULL ? n->group == NULL : n->group != NULL && strcmp(n->group, group) == 0;
}

/* Writes the numbers of one group. The numbers of a group need not be neighbours on the
 * board. */
static void put_group(struct page *p, const char *group)
{
	const char *before = "";

	for (uint32_t i = 0; i < board_numbers(); i++) {
		const struct board_number *n = board_number(i);

		if (!is_in_group(n, group))
			continue;
		put(p, "%s", before);
		put_count(p, n->name, board_sum(n));
		before = ", ";
	}
}

static bool is_first_of_group(uint32_t i)
{
	const char *group = board_number(i)->group;

	for (uint32_t j = 0; j < i; j++)
		if (is_in_group(board_number(j), group))
			return false;
	return group != NULL;
}

static void put_sums(struct page *p)
{
	for (uint32_t i = 0; i < board_numbers(); i++) {
		if (!is_first_of_group(i))
			continue;
		put(p, "  \"%s\": {", board_number(i)->group);
		put_group(p, board_number(i)->group);
		put(p, "},\n");
	}
	put(p, "  ");
	put_group(p, NULL);
	put(p, ",\n");
}

static void put_worker(struct page *p, uint32_t i, const struct board_slot *slot)
{
	put(p, "\n    {\"slot\": %u, \"pid\": %d, \"leaving\": %s", i, (int)slot->pid,
	    slot->leaving ? "true" : "false");
	for (uint32_t j = 0; j < board_numbers(); j++) {
		const struct board_number *n = board_number(j);

		if (n->of_worker == NULL)
			continue;
		put(p, ", ");
		put_count(p, n->of_worker, board_value(n, slot));
	}
	put(p, "}");
}

static void put_workers(struct page *p)
{
	const char *before = "";

	put(p, "  \"workers\": [");
	for (uint32_t i = 0; i < p->slots; i++) {
		const struct board_slot *slot = board_at(i);

		if (slot == NULL)
			continue;
		put(p, "%s", before);
		put_worker(p, i, slot);
		before = ",";
	}
	put(p, "],\n");
}

static void put_zone(struct page *p, struct zone *z)
{
	uint32_t records, pages;

	slab_lock(z->slab);
	records = z->slab->records;
	pages = z->slab->pages_used;
	slab_unlock(z->slab);
	put(p, "\n    {\"name\": \"");
	p->to = put_json(p->to, z->name);
	put(p, "\", \"size\": %zu, \"used\": %zu, \"records\": %u", z->size,
	    (size_t)pages * SLAB_PAGE, records);
	if (z->files != NULL) {
		struct zone_files f = z->files(z);

		put(p, ", \"files\": %u, \"bytes\": %lld", f.count, (long long)f.bytes);
	}
	put(p, "}%s", z->next != NULL ? "," : "");
}

static void put_zones(struct page *p, const struct zones *zones)
{
	put(p, "  \"zones\": [");
	for (struct zone *z = zones->list; z != NULL; z = z->next)
		put_zone(p, z);
	put(p, "],\n");
}

static void put_allocator(struct page *p)
{
	const struct alloc *a = &alloc_main;

	put(p,
	    "  \"allocator\": {\"heap_bytes\": %zu, \"large_blocks\": %zu, \"pool_block\": %d,\n",
	    a->heap_size, a->large_live, (int)POOL_BLOCK);
	put(p, "    \"small_blocks\": {");
	for (int i = 0; i < ALLOC_LISTS; i++)
		put(p, "%s\"%d\": %zu", i > 0 ? ", " : "", (i + 1) * ALLOC_STEP, a->live[i]);
	put(p, "}}\n");
}

static void put_upstream_server(struct page *p, const struct upstream_server *s)
{
	put(p, "\n    {\"upstream\": \"");
	p->to = put_json(p->to, s->upstream);
	put(p, "\", \"name\": \"");
	p->to = put_json(p->to, s->name);
	put(p, "\", \"state\": \"%s\", ", s->state);
	put(p, "\"busy\": %u, \"idle\": %u, \"conns\": %u, \"fails\": %u}", s->busy, s->idle,
	    s->conns, s->fails);
}

static void put_upstream_servers(struct page *p)
{
	struct upstream_server s;

	put(p, "  \"servers_behind\": [");
	for (uint32_t i = 0; upstream_server_at(i, &s); i++) {
		put(p, "%s", i > 0 ? "," : "");
		put_upstream_server(p, &s);
	}
	put(p, "],\n");
}

static size_t room_for(uint32_t slots, const struct zones *zones)
{
	size_t room = PAGE_ROOM + slots * WORKER_ROOM;
	struct upstream_server s;

	for (const struct zone *z = zones->list; z != NULL; z = z->next)
		room += ZONE_ROOM + ESCAPED_MAX * z->name.len;
	for (uint32_t i = 0; upstream_server_at(i, &s); i++)
		room += SERVER_ROOM + ESCAPED_MAX * (s.upstream.len + s.name.len);
	return room;
}

static struct str page(struct request *r, const struct zones *zones)
{
	uint32_t slots = board_size();
	size_t room = room_for(slots, zones);
	char *text = pool_bytes(r->pool, room);
	struct page p = {text, text + room, slots};

	if (text == NULL)
		return (struct str){NULL, 0};
	board_publish();
	put(&p, "{\n");
	put_process(&p);
	put_sums(&p);
	put_workers(&p);
	put_zones(&p, zones);
	put_upstream_servers(&p);
	put_allocator(&p);
	put(&p, "}\n");
	return str_between(text, p.to);
}

static enum phase_result serve(struct request *r)
{
	const struct status_main *m = request_section(r, LEVEL_MAIN, &status_module);
	struct str text;

	if (r->method != METHOD_GET && r->method != METHOD_HEAD)
		return request_refuse(r, 405);
	text = page(r, m->zones);
	if (text.data == NULL ||
	    header_add(r->pool, &r->out.headers, STR("Cache-Control"), STR("no-store")) == NULL)
		return request_refuse(r, 500);
	return request_send_text(r, 200, STR("application/json"), text);
}

static int init_main(struct conf *cf, void *section)
{
	((struct status_main *)section)->zones = cf->zones;
	return 0;
}

static int set_status(struct conf *cf, const struct directive *d, void *section)
{
	core_location_of(cf->scope->sections[LEVEL_LOCATION])->handler = serve;
	return 0;
}

static const struct directive directives[] = {
    {"status", IN_SERVER | IN_LOCATION | ARGS_0, set_status, LEVEL_LOCATION},
    {.name = NULL},
};

static const struct http_hooks hooks = {.main_size = sizeof(struct status_main),
					.init_main = init_main};

struct module status_module = {
    .name = "status", .kind = MODULE_HTTP, .directives = directives, .hooks = &hooks};
