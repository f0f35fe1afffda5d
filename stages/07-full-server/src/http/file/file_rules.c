#include "http/file/file_rules.h"

#include "conf/thread_pools.h"

/* Sets aio off | on | threads[=pool]. `on` means the same as `threads`, because the server does
 * not use the kernel's own aio. */
static int set_aio(struct conf *cf, const struct directive *d, void *section)
{
	struct file_rules *l = section;
	struct str how = cf->args[1], pool = STR("default");

	if (l->aio != CONF_UNSET)
		return conf_duplicate(cf);
	l->aio = !str_equal(how, STR("off"));
	if (!l->aio)
		return 0;
	if (!str_equal(how, STR("on")) && !str_equal(how, STR("threads")) &&
	    (!conf_param(how, STR("threads="), &pool) || pool.len == 0))
		return conf_bad_value(cf, how);
	l->aio_pool = thread_pools_use(cf, pool);
	return l->aio_pool != NULL ? 0 : -1;
}

static int set_directio(struct conf *cf, const struct directive *d, void *section)
{
	struct file_rules *l = section;

	if (l->directio != CONF_UNSET || !str_equal(cf->args[1], STR("off")))
		return conf_set_offset(cf, d, section);
	l->directio = INT64_MAX;
	return 0;
}

static int merge_location(struct conf *cf, void *outer, void *inner)
{
	struct file_rules *l = inner;

	if (!l->aio)
		l->aio_pool = NULL;
	return 0;
}

#define ROW(name, where, set, member, otherwise)                                                   \
	{                                                                                          \
		name, IN_HTTP_ALL | (where) | ARGS_1, set, LEVEL_LOCATION,                         \
		    SETTING(struct file_rules, member, otherwise)                                  \
	}

static const struct directive directives[] = {
    ROW("aio", 0, set_aio, aio, 0),
    {ALSO_SETS("aio"), LEVEL_LOCATION, SETTING(struct file_rules, aio_pool, 0)},
    ROW("sendfile", IN_LOCATION_IF, conf_set_flag, sendfile, 1),
    ROW("directio", 0, set_directio, directio, INT64_MAX),
    ROW("etag", 0, conf_set_flag, etag, 1),
    ROW("log_not_found", 0, conf_set_flag, log_not_found, 1),
    {.name = NULL},
};

static const struct http_hooks hooks = {.location_size = sizeof(struct file_rules),
					.merge_location = merge_location};

struct module file_rules_module = {
    .name = "file_rules", .kind = MODULE_HTTP, .directives = directives, .hooks = &hooks};
