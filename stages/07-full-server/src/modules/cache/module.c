/*
 * The module of the cache: directives, $upstream_cache_status, the numbers for /status, and the
 * managers in the helper process.
 *
 *     proxy_cache_path cache keys_zone=pages:10m;
 *     location / { proxy_pass http://127.0.0.1:8000; proxy_cache pages; proxy_cache_valid 1m; }
 */
#include "event/board.h"
#include "modules/cache/files/manager.h"
#include "modules/cache/visit.h"

extern const struct gate cache_gate;

static const struct str names[CACHE_STATUSES] = {
#define NAME(status, text) [status] = {text, sizeof(text) - 1}
    NAME(CACHE_MISS, "MISS"),         NAME(CACHE_BYPASS, "BYPASS"),
    NAME(CACHE_EXPIRED, "EXPIRED"),   NAME(CACHE_STALE, "STALE"),
    NAME(CACHE_UPDATING, "UPDATING"), NAME(CACHE_REVALIDATED, "REVALIDATED"),
    NAME(CACHE_HIT, "HIT"),
};

static bool get_status(struct request *r, const struct variable *v, struct str *value)
{
	const struct visit *visit = request_context(r, &cache_module);

	if (visit == NULL || visit->status == CACHE_NONE)
		return false;
	*value = names[visit->status];
	return true;
}

static int declare(struct conf *cf)
{
	static const struct variable_spec variables[] = {
	    {"upstream_cache_status", get_status, 0, true, NULL},
	    {.name = NULL},
	};

	return variables_declare(cf, variables);
}

static int setup(struct conf *cf)
{
	proxy_set_gate(cf->asked[cache_module.index] ? &cache_gate : NULL);
	return 0;
}

/* ---- in the helper */

static struct manager **managers; /* one manager for each path; NULL after the last one */

static bool needs_helper(struct http *http)
{
	return ((struct pool_list *)http->main[cache_module.index])->count > 0;
}

static int start_helper(struct http *http)
{
	const struct pool_list *paths = http->main[cache_module.index];

	managers = pool_array(http->pool, paths->count + 1, sizeof(struct manager *));
	if (managers == NULL)
		return -1;
	for (size_t i = 0; i < paths->count; i++) {
		managers[i] = manager_create(http->pool, cache_path_at(paths, i));
		if (managers[i] == NULL)
			return -1;
	}
	return 0;
}

static void stop_helper(struct http *http)
{
	for (size_t i = 0; managers != NULL && managers[i] != NULL; i++)
		manager_stop(managers[i]);
}

static const struct http_hooks hooks = {
    .declare = declare,
    .main_size = sizeof(struct pool_list),
    .location_size = sizeof(struct cache_settings),
    .merge_location = cache_settings_merge,
    .setup = setup,
    .needs_helper = needs_helper,
    .start_helper = start_helper,
    .stop_helper = stop_helper,
};

static struct board_number numbers[] = {
    {"cache", "hit", NULL, &visit_counts[CACHE_HIT], true, 0},
    {"cache", "miss", NULL, &visit_counts[CACHE_MISS], true, 0},
    {"cache", "expired", NULL, &visit_counts[CACHE_EXPIRED], true, 0},
    {"cache", "revalidated", NULL, &visit_counts[CACHE_REVALIDATED], true, 0},
    {"cache", "stale", NULL, &visit_counts[CACHE_STALE], true, 0},
    {"cache", "updating", NULL, &visit_counts[CACHE_UPDATING], true, 0},
    {"cache", "bypass", NULL, &visit_counts[CACHE_BYPASS], true, 0},
    {.name = NULL},
};

struct module cache_module = {.name = "cache",
			      .kind = MODULE_HTTP,
			      .directives = cache_directives,
			      .hooks = &hooks,
			      .numbers = numbers};
