#include "conf/thread_pools.h"

#include "base/log.h"
#include "conf/value.h"

enum { DEFAULT_THREADS = 32, DEFAULT_MOST_QUEUED = 65536, MOST_THREADS = 4096 };

struct thread_pools {
	struct pool_list list; /* struct named_pool * */
	bool running;
};

static struct named_pool *pool_at(const struct thread_pools *pools, size_t i)
{
	return ((struct named_pool **)pools->list.items)[i];
}

/* ---- the configuration */

static struct named_pool *add(struct conf *cf, struct str name)
{
	struct named_pool **place =
	    pool_list_add(cf->pool, &cf->thread_pools->list, sizeof(*place));
	struct named_pool *p = pool_zalloc(cf->pool, sizeof(*p));

	if (place == NULL || p == NULL) {
		conf_no_memory(cf);
		return NULL;
	}
	*place = p;
	p->name = name;
	p->threads = p->most_queued = CONF_UNSET;
	list_init(&p->waiting);
	p->file = cf->file;
	p->line = cf->line;
	return p;
}

static struct named_pool *find_or_add(struct conf *cf, struct str name)
{
	for (size_t i = 0; i < cf->thread_pools->list.count; i++)
		if (str_equal(pool_at(cf->thread_pools, i)->name, name))
			return pool_at(cf->thread_pools, i);
	return add(cf, name);
}

struct named_pool *thread_pools_use(struct conf *cf, struct str name)
{
	struct named_pool *p = find_or_add(cf, name);

	if (p != NULL)
		p->used = true;
	return p;
}

static bool parse_parameter(struct str arg, struct str name, int64_t most, int64_t *value)
{
	struct str text;

	if (!conf_param(arg, name, &text))
		return false;
	*value = str_to_number(text);
	return *value >= 1 && *value <= most;
}

static int set_pool(struct conf *cf, const struct directive *d, void *section)
{
	struct named_pool *p = find_or_add(cf, cf->args[1]);

	if (p == NULL)
		return -1;
	if (p->threads != CONF_UNSET)
		return conf_fail(cf, "thread pool \"%.*s\" is defined twice", STR_ARGS(p->name));
	for (uint32_t i = 2; i < cf->arg_count; i++)
		if (!parse_parameter(cf->args[i], STR("threads="), MOST_THREADS, &p->threads) &&
		    !parse_parameter(cf->args[i], STR("max_queue="), UINT32_MAX, &p->most_queued))
			return conf_bad_value(cf, cf->args[i]);
	if (p->threads == CONF_UNSET)
		return conf_fail(cf, "thread pool \"%.*s\" must have the \"threads\" parameter",
				 STR_ARGS(p->name));
	return 0;
}

static void *create(struct conf *cf)
{
	return cf->thread_pools = pool_zalloc(cf->pool, sizeof(struct thread_pools));
}

static int check(struct conf *cf, struct named_pool *p)
{
	if (p->threads == CONF_UNSET && !str_equal(p->name, STR("default"))) {
		cf->file = p->file;
		cf->line = p->line;
		return conf_fail(
		    cf,
		    "unknown thread pool \"%.*s\": write \"thread_pool %.*s threads=N;\" "
		    "outside of http {}",
		    STR_ARGS(p->name), STR_ARGS(p->name));
	}
	if (p->threads == CONF_UNSET)
		p->threads = DEFAULT_THREADS;
	if (p->most_queued == CONF_UNSET)
		p->most_queued = DEFAULT_MOST_QUEUED;
	return 0;
}

static int finish(struct conf *cf, void *section)
{
	const struct thread_pools *pools = section;

	for (size_t i = 0; i < pools->list.count; i++)
		if (check(cf, pool_at(pools, i)) < 0)
			return -1;
	return 0;
}

/* ---- for a process that serves */

static int start_one(struct thread_pools *pools, struct named_pool *p)
{
	if (!pools->running && threads_init() < 0)
		return -1;
	pools->running = true;
	p->pool = thread_pool_create((uint32_t)p->threads, (uint32_t)p->most_queued);
	if (p->pool == NULL)
		log_errno(log_main, LOG_EMERG, "thread pool \"%.*s\": pthread_create",
			  STR_ARGS(p->name));
	return p->pool != NULL ? 0 : -1;
}

static int start(void *section)
{
	struct thread_pools *pools = section;

	for (size_t i = 0; i < pools->list.count; i++)
		if (pool_at(pools, i)->used && start_one(pools, pool_at(pools, i)) < 0)
			return -1;
	return 0;
}

/* Stops the threads. The connections are closed already: so the tasks find no connection at
 * their end, and only free their data. */
static void stop(void *section)
{
	struct thread_pools *pools = section;

	for (size_t i = 0; i < pools->list.count; i++) {
		struct named_pool *p = pool_at(pools, i);

		if (p->pool != NULL)
			thread_pool_destroy(p->pool);
		p->pool = NULL;
	}
	if (pools->running)
		threads_fini();
	pools->running = false;
}

static const struct directive directives[] = {
    {"thread_pool", IN_MAIN | ARGS_2 | ARGS_3, set_pool, LEVEL_MAIN},
    {.name = NULL},
};

struct module thread_pools_module = {
    .name = "thread_pools",
    .kind = MODULE_CORE,
    .directives = directives,
    .create = create,
    .finish = finish,
    .start = start,
    .stop = stop,
};
