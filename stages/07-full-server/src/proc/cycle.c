#include "proc/cycle.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "conf/temp_path.h"

static uint32_t number_modules(struct module **modules)
{
	uint32_t count = 0;

	for (; modules[count] != NULL; count++)
		modules[count]->index = count;
	return count;
}

static int create_sections(struct conf *cf, void **sections)
{
	for (uint32_t i = 0; i < cf->module_count; i++) {
		if (cf->modules[i]->create == NULL)
			continue;
		sections[i] = cf->modules[i]->create(cf);
		if (sections[i] == NULL)
			return conf_no_memory(cf);
	}
	return 0;
}

static int finish_sections(struct conf *cf, void **sections)
{
	for (uint32_t i = 0; i < cf->module_count; i++)
		if (cf->modules[i]->finish != NULL && cf->modules[i]->finish(cf, sections[i]) < 0)
			return -1;
	return 0;
}

static int read_all(struct conf *cf, const struct cycle_options *o)
{
	if (o->directives.len > 0 && conf_read_text(cf, "command line", o->directives) < 0)
		return -1;
	return o->text.len > 0 ? conf_read_text(cf, "built-in configuration", o->text)
			       : conf_read_file(cf, o->file);
}

static struct str folder_of(struct str path)
{
	while (path.len > 0 && path.data[path.len - 1] != '/')
		path.len--;
	return path;
}

static int set_error_log(struct conf *cf, struct cycle *c, struct str path)
{
	struct str args[] = {STR("error_log"), path.len > 0 ? path : STR("logs/error.log")};

	if (c->settings->error_log == NULL) {
		cf->args = args;
		cf->arg_count = COUNT_OF(args);
		if (logfile_add_error_log(cf, &c->settings->error_log) < 0)
			return -1;
	}
	c->log = c->settings->error_log;
	return 0;
}

static int create_temp_paths(struct conf *cf, const struct cycle *c)
{
	const struct settings *s = c->settings;

	if (cf->testing)
		return 0;
	return temp_paths_create(cf, c->temp_paths, s->has_user && geteuid() == 0 ? &s->uid : NULL);
}

static int open_zones(struct conf *cf, struct cycle *c, const struct zones *before)
{
	const char *lock_file = c->settings->lock_file.data;

	if (cf->testing)
		return 0;
	if (shmutex_choose((enum shmutex_kind)c->settings->shared_mutex, lock_file) < 0)
		return conf_fail(cf, "open(\"%s\"): %s (%d)", lock_file, strerror(errno), errno);
	return zones_open(cf, c->zones, before);
}

static int share_accept_mutex(struct conf *cf, struct cycle *c)
{
	if (cf->testing || !c->settings->accept_mutex || settings_workers(c->settings) == 1)
		return 0;
	c->accept_memory = shm_create(sizeof(struct shmutex));
	if (c->accept_memory == NULL)
		return conf_no_memory(cf);
	shmutex_init(c->accept_memory->memory);
	return 0;
}

struct shmutex *cycle_accept_mutex(const struct cycle *c)
{
	return c->accept_memory != NULL ? c->accept_memory->memory : NULL;
}

static int cycle_read(struct conf *cf, struct cycle *c, const struct cycle_options *o)
{
	struct scope scope = {.sections = {c->sections}};

	cf->scope = &scope;
	cf->context = IN_MAIN;
	if (create_sections(cf, c->sections) < 0 || read_all(cf, o) < 0 ||
	    finish_sections(cf, c->sections) < 0)
		return -1;
	c->settings = c->sections[settings_module.index];
	cf->file = STR("configuration");
	cf->line = 0;
	if (set_error_log(cf, c, o->error_log) < 0 || logfiles_open(cf, c->logfiles) < 0 ||
	    create_temp_paths(cf, c) < 0 || open_zones(cf, c, o->zones) < 0 ||
	    share_accept_mutex(cf, c) < 0)
		return -1;
	return listening_open(cf, c->listening, settings_workers(c->settings));
}

static struct cycle *make(struct module **modules, size_t count)
{
	struct pool *pool = pool_create(16384);
	struct cycle *c = pool != NULL ? pool_zalloc(pool, sizeof(*c)) : NULL;

	if (c == NULL)
		return NULL;
	c->pool = pool;
	c->modules = modules;
	c->sections = pool_array(pool, count, sizeof(*c->sections));
	c->zones = zones_create();
	if (c->sections != NULL && c->zones != NULL)
		return c;
	cycle_destroy(c);
	return NULL;
}

struct cycle *cycle_create(const struct cycle_options *o, struct module **modules,
			   void (*on_error)(const char *message))
{
	struct conf cf = {
	    .modules = modules,
	    .module_count = number_modules(modules),
	    .prefix = o->prefix,
	    .folder = o->text.len > 0 ? o->prefix : folder_of(o->file),
	    .on_error = on_error,
	    .on_file = o->on_file,
	    .testing = o->testing,
	    .inherited = o->inherited,
	    .inherited_count = o->inherited_count,
	};
	struct cycle *c = make(modules, cf.module_count);

	if (c == NULL) {
		on_error("out of memory");
		return NULL;
	}
	cf.pool = c->pool;
	cf.asked = pool_array(c->pool, cf.module_count, sizeof(*cf.asked));
	cf.logfiles = &c->logfiles;
	cf.listening = &c->listening;
	cf.temp_paths = &c->temp_paths;
	cf.zones = c->zones;
	if (cycle_read(&cf, c, o) == 0)
		return c;
	cycle_destroy(c);
	return NULL;
}

void cycle_destroy(struct cycle *c)
{
	listening_close(c->listening);
	if (c->accept_memory != NULL)
		shm_put(c->accept_memory);
	logfiles_close(c->logfiles);
	if (c->zones != NULL)
		zones_put(c->zones);
	pool_destroy(c->pool);
}
