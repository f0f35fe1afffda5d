#include "modules/cache/files/path.h"

#include <stddef.h>

#include "modules/cache/files/index.h"

struct cache_path *cache_path_named(const struct pool_list *paths, struct str name)
{
	for (size_t i = 0; i < paths->count; i++)
		if (str_equal(cache_path_at(paths, i)->name, name))
			return cache_path_at(paths, i);
	return NULL;
}

/* ---- parameters */

/* Reads levels such as "1:2": at most three levels of one or two digits. */
static bool parse_levels(struct str text, int levels[TEMP_LEVELS])
{
	struct str item;
	int count = 0;

	while (str_next_item(&text, ':', &item)) {
		if (count == TEMP_LEVELS || item.len != 1 || item.data[0] < '1' ||
		    item.data[0] > '2')
			return false;
		levels[count++] = item.data[0] - '0';
	}
	return count > 0;
}

static int take_levels(struct conf *cf, struct cache_path *c, struct str value)
{
	return parse_levels(value, c->folder->levels) ? 0 : conf_bad_value(cf, value);
}

static struct zone_files count_files(struct zone *z)
{
	struct index_totals t;

	index_totals(z, &t);
	return (struct zone_files){t.files, t.bytes};
}

/* Reads "name:10m". */
static int take_zone(struct conf *cf, struct cache_path *c, struct str value)
{
	const char *colon = memchr(value.data, ':', value.len);
	struct str purpose;
	int64_t size;

	if (colon == NULL || colon == value.data ||
	    !parse_size(str_between(colon + 1, value.data + value.len), &size))
		return conf_bad_value(cf, value);
	if (size < SLAB_LEAST)
		return conf_fail(cf, "keys_zone \"%.*s\" is too small: at least %dk",
				 STR_ARGS(value), SLAB_LEAST >> 10);
	c->name = str_between(value.data, colon);
	if (cache_path_named(c->all, c->name) != NULL)
		return conf_fail(cf, "cache \"%.*s\" is defined already", STR_ARGS(c->name));
	/* A reload keeps the zone if its purpose is the same. The purpose contains the folder.
	 * So a cache whose folder has changed gets a new, empty index. */
	purpose = pool_print(cf->pool, "cache %s", c->folder->path.data);
	if (purpose.data == NULL)
		return conf_no_memory(cf);
	c->zone = zone_add(cf, c->name, purpose, (size_t)size);
	if (c->zone == NULL)
		return -1;
	c->zone->files = count_files;
	return 0;
}

static int take_temp_path(struct conf *cf, struct cache_path *c, struct str value)
{
	c->use_temp_path = str_equal(value, STR("on"));
	return c->use_temp_path || str_equal(value, STR("off")) ? 0 : conf_bad_value(cf, value);
}

static bool parse_count(struct str text, int64_t *n)
{
	*n = str_to_number(text);
	return *n > 0 && *n <= INT32_MAX;
}

static const struct {
	struct str name;
	int (*take)(struct conf *cf, struct cache_path *c, struct str value);
	bool (*parse)(struct str text, int64_t *value); /* for the member at the offset `at` */
	size_t at;
} parameters[] = {
#define TAKE(text, take)                                                                           \
	{                                                                                          \
		{text, sizeof(text) - 1}, take, NULL, 0                                            \
	}
#define PARSE(text, parse, member)                                                                 \
	{                                                                                          \
		{text, sizeof(text) - 1}, NULL, parse, offsetof(struct cache_path, member)         \
	}
    TAKE("levels=", take_levels),
    TAKE("keys_zone=", take_zone),
    TAKE("use_temp_path=", take_temp_path),
    PARSE("inactive=", parse_ms, inactive),
    PARSE("max_size=", parse_offset, max_size),
    PARSE("min_free=", parse_offset, min_free),
    PARSE("manager_files=", parse_count, manager.files),
    PARSE("manager_threshold=", parse_ms, manager.threshold),
    PARSE("manager_sleep=", parse_ms, manager.sleep),
    PARSE("loader_files=", parse_count, loader.files),
    PARSE("loader_threshold=", parse_ms, loader.threshold),
    PARSE("loader_sleep=", parse_ms, loader.sleep),
};

static int take_parameter(struct conf *cf, struct cache_path *c, struct str arg)
{
	for (size_t i = 0; i < COUNT_OF(parameters); i++) {
		struct str value;

		if (!conf_param(arg, parameters[i].name, &value))
			continue;
		if (parameters[i].take != NULL)
			return parameters[i].take(cf, c, value);
		if (parameters[i].parse(value, (int64_t *)((char *)c + parameters[i].at)))
			return 0;
		return conf_bad_value(cf, arg);
	}
	return conf_bad_param(cf, arg);
}

/* ---- the directive */

static bool is_in_use(const struct pool_list *paths, struct str folder)
{
	for (size_t i = 0; i < paths->count; i++)
		if (str_equal(cache_path_at(paths, i)->folder->path, folder))
			return true;
	return false;
}

static struct cache_path *create(struct conf *cf)
{
	struct cache_path *c = pool_zalloc(cf->pool, sizeof(*c));

	if (c == NULL) {
		conf_no_memory(cf);
		return NULL;
	}
	c->folder = temp_path_named(cf, cf->args[1]);
	c->inactive = 10 * 60 * 1000;
	c->max_size = c->min_free = CONF_UNSET;
	c->manager = c->loader = (struct cache_pace){100, 200, 50};
	return c->folder != NULL ? c : NULL;
}

int cache_path_set(struct conf *cf, const struct directive *d, void *section)
{
	struct pool_list *paths = section;
	struct cache_path *c = create(cf), **place;

	if (c == NULL)
		return -1;
	c->all = paths;
	if (is_in_use(paths, c->folder->path))
		return conf_fail(cf, "the folder \"%s\" has a cache already", c->folder->path.data);
	for (uint32_t i = 2; i < cf->arg_count; i++)
		if (take_parameter(cf, c, cf->args[i]) < 0)
			return -1;
	if (c->zone == NULL)
		return conf_fail(cf, "\"%s\" must have the \"keys_zone\" parameter",
				 cf->args[0].data);
	place = pool_list_add(cf->pool, paths, sizeof(struct cache_path *));
	if (place == NULL)
		return conf_no_memory(cf);
	*place = c;
	return 0;
}
