#include "proc/settings.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <string.h>

#include "conf/logfile.h"
#include "mem/shmutex.h"

size_t settings_workers(const struct settings *s)
{
	cpu_set_t cores;

	if (!s->master_process)
		return 1;
	if (s->worker_processes > 0)
		return (size_t)s->worker_processes;
	return sched_getaffinity(0, sizeof(cores), &cores) == 0 ? (size_t)CPU_COUNT(&cores) : 1;
}

static void *create(struct conf *cf)
{
	struct settings *s = pool_alloc(cf->pool, sizeof(*s));

	if (s == NULL)
		return NULL;
	memset(s, 0xff, sizeof(*s)); /* the numbers are CONF_UNSET */
	s->pid = s->lock_file = s->user = (struct str){NULL, 0};
	s->has_user = false;
	s->affinity = (struct pool_list){NULL, 0, 0};
	s->error_log = NULL;
	return s;
}

static int finish(struct conf *cf, void *section)
{
	struct settings *s = section;

	conf_inherit_int(&s->daemon, CONF_UNSET, 1);
	conf_inherit_int(&s->master_process, CONF_UNSET, 1);
	conf_inherit(&s->worker_processes, CONF_UNSET, 1);
	conf_inherit(&s->worker_shutdown_timeout, CONF_UNSET, 0);
	conf_inherit_str(&s->pid, (struct str){NULL, 0}, STR("logs/server.pid"));
	conf_inherit_str(&s->lock_file, (struct str){NULL, 0}, STR("logs/server.lock"));
	conf_inherit_int(&s->shared_mutex, CONF_UNSET, SHMUTEX_SEMAPHORE);
	s->pid = conf_path(cf, s->pid);
	s->lock_file = conf_path(cf, s->lock_file);
	conf_inherit(&s->worker_connections, CONF_UNSET, 512);
	conf_inherit(&s->connection_recycle_delay, CONF_UNSET, 0);
	conf_inherit_int(&s->multi_accept, CONF_UNSET, 0);
	conf_inherit_int(&s->accept_mutex, CONF_UNSET, 0);
	conf_inherit(&s->accept_mutex_delay, CONF_UNSET, 500);
	return 0;
}

static int open_events(struct conf *cf, const struct directive *d, void *section)
{
	return conf_block(cf, IN_EVENTS, NULL);
}

static int set_worker_processes(struct conf *cf, const struct directive *d, void *section)
{
	struct settings *s = section;

	if (s->worker_processes != CONF_UNSET)
		return conf_duplicate(cf);
	if (str_equal(cf->args[1], STR("auto"))) {
		s->worker_processes = 0;
		return 0;
	}
	s->worker_processes = str_to_number(cf->args[1]);
	return s->worker_processes > 0 ? 0 : conf_bad_value(cf, cf->args[1]);
}

static int set_user(struct conf *cf, const struct directive *d, void *section)
{
	struct settings *s = section;

	const struct passwd *user;
	const struct group *group;

	if (s->has_user)
		return conf_duplicate(cf);
	user = getpwnam(cf->args[1].data);
	if (user == NULL)
		return conf_fail(cf, "there is no user \"%s\"", cf->args[1].data);
	group = cf->arg_count > 2 ? getgrnam(cf->args[2].data) : getgrgid(user->pw_gid);
	if (group == NULL)
		return conf_fail(cf, "there is no group \"%s\"", cf->args[cf->arg_count - 1].data);
	s->has_user = true;
	s->user = cf->args[1];
	s->uid = user->pw_uid;
	s->gid = group->gr_gid;
	return 0;
}

static cpu_set_t *add_cores(struct conf *cf, struct settings *s)
{
	cpu_set_t *cores = pool_list_add(cf->pool, &s->affinity, sizeof(*cores));

	if (cores == NULL)
		conf_no_memory(cf);
	else
		CPU_ZERO(cores);
	return cores;
}

/* Gives each worker a core, out of those that this process may use. */
static int spread_over_cores(struct conf *cf, struct settings *s)
{
	cpu_set_t ours, *cores;

	if (sched_getaffinity(0, sizeof(ours), &ours) < 0)
		return conf_fail(cf, "sched_getaffinity: %s", strerror(errno));
	for (int i = 0; i < CPU_SETSIZE; i++) {
		if (!CPU_ISSET(i, &ours))
			continue;
		cores = add_cores(cf, s);
		if (cores == NULL)
			return -1;
		CPU_SET(i, cores);
	}
	return 0;
}

/* "0101": cores 0 and 2, the lowest on the right. */
static bool parse_mask(struct str mask, cpu_set_t *cores)
{
	if (mask.len > CPU_SETSIZE)
		return false;
	for (size_t i = 0; i < mask.len; i++) {
		char digit = mask.data[mask.len - 1 - i];

		if (digit == '1')
			CPU_SET((int)i, cores);
		else if (digit != '0')
			return false;
	}
	return CPU_COUNT(cores) > 0;
}

static int set_affinity(struct conf *cf, const struct directive *d, void *section)
{
	struct settings *s = section;

	if (s->affinity.count > 0)
		return conf_duplicate(cf);
	if (cf->arg_count == 2 && str_equal(cf->args[1], STR("auto")))
		return spread_over_cores(cf, s);
	for (uint32_t i = 1; i < cf->arg_count; i++) {
		cpu_set_t *cores = add_cores(cf, s);

		if (cores == NULL)
			return -1;
		if (!parse_mask(cf->args[i], cores))
			return conf_bad_value(cf, cf->args[i]);
	}
	return 0;
}

static int set_error_log(struct conf *cf, const struct directive *d, void *section)
{
	return logfile_add_error_log(cf, &((struct settings *)section)->error_log);
}

static const struct conf_name mutex_names[] = {{"semaphore", SHMUTEX_SEMAPHORE},
					       {"atomic", SHMUTEX_ATOMIC},
					       {"file", SHMUTEX_FILE},
					       {NULL, 0}};
static const struct conf_range connections_range = {1, 1 << 24};

#define MAIN_VALUE(name, kind, member)                                                             \
	{                                                                                          \
		name, IN_MAIN | ARGS_1, conf_set_##kind, LEVEL_MAIN,                               \
		    offsetof(struct settings, member), NULL                                        \
	}
#define EVENTS_VALUE(name, kind, member, extra)                                                    \
	{                                                                                          \
		name, IN_EVENTS | ARGS_1, conf_set_##kind, LEVEL_MAIN,                             \
		    offsetof(struct settings, member), extra                                       \
	}

static const struct directive directives[] = {
    MAIN_VALUE("daemon", flag, daemon),
    MAIN_VALUE("master_process", flag, master_process),
    {"worker_processes", IN_MAIN | ARGS_1, set_worker_processes, LEVEL_MAIN, 0, NULL},
    MAIN_VALUE("worker_rlimit_nofile", number, worker_rlimit_nofile),
    MAIN_VALUE("worker_shutdown_timeout", ms, worker_shutdown_timeout),
    MAIN_VALUE("pid", str, pid),
    MAIN_VALUE("lock_file", str, lock_file),
    {"shared_mutex", IN_MAIN | ARGS_1, conf_set_enum, LEVEL_MAIN,
     offsetof(struct settings, shared_mutex), mutex_names},
    {"user", IN_MAIN | ARGS_1_2, set_user, LEVEL_MAIN, 0, NULL},
    {"worker_cpu_affinity", IN_MAIN | ARGS_1_MORE, set_affinity, LEVEL_MAIN, 0, NULL},
    {"error_log", IN_MAIN | ARGS_1_2, set_error_log, LEVEL_MAIN, 0, NULL},
    {"events", IN_MAIN | BLOCK | ARGS_0, open_events, LEVEL_MAIN, 0, NULL},
    EVENTS_VALUE("worker_connections", number, worker_connections, &connections_range),
    EVENTS_VALUE("connection_recycle_delay", ms, connection_recycle_delay, NULL),
    EVENTS_VALUE("multi_accept", flag, multi_accept, NULL),
    EVENTS_VALUE("accept_mutex", flag, accept_mutex, NULL),
    EVENTS_VALUE("accept_mutex_delay", ms, accept_mutex_delay, NULL),
    {.name = NULL},
};

struct module settings_module = {
    .name = "settings",
    .kind = MODULE_CORE,
    .directives = directives,
    .create = create,
    .finish = finish,
};
