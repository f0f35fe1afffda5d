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
	return conf_section(cf, settings_module.directives, LEVEL_MAIN, sizeof(struct settings));
}

static int finish(struct conf *cf, void *section)
{
	struct settings *s = section;

	conf_inherit(settings_module.directives, LEVEL_MAIN, s, s);
	s->pid = conf_path(cf, s->pid);
	s->lock_file = conf_path(cf, s->lock_file);
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

/* Assigns one core to each worker. Only the cores that this process may use are assigned. */
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

/* Reads a mask: "0101" means the cores 0 and 2, and the last digit is core 0. */
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

#define ROW(name, where, set, member, otherwise, extra_)                                           \
	{                                                                                          \
		name, (where) | ARGS_1, set, LEVEL_MAIN,                                           \
		    SETTING(struct settings, member, otherwise), .extra = extra_                   \
	}

static const struct directive directives[] = {
    ROW("daemon", IN_MAIN, conf_set_flag, daemon, 1, NULL),
    ROW("master_process", IN_MAIN, conf_set_flag, master_process, 1, NULL),
    ROW("worker_processes", IN_MAIN, set_worker_processes, worker_processes, 1, NULL),
    ROW("worker_rlimit_nofile", IN_MAIN, conf_set_number, worker_rlimit_nofile, CONF_UNSET, NULL),
    ROW("worker_shutdown_timeout", IN_MAIN, conf_set_ms, worker_shutdown_timeout, 0, NULL),
    ROW("pid", IN_MAIN, conf_set_str, pid, 0, "logs/server.pid"),
    ROW("lock_file", IN_MAIN, conf_set_str, lock_file, 0, "logs/server.lock"),
    ROW("shared_mutex", IN_MAIN, conf_set_enum, shared_mutex, SHMUTEX_SEMAPHORE, mutex_names),
    {"user", IN_MAIN | ARGS_1_2, set_user, LEVEL_MAIN},
    {"worker_cpu_affinity", IN_MAIN | ARGS_1_MORE, set_affinity, LEVEL_MAIN},
    {"error_log", IN_MAIN | ARGS_1_2, set_error_log, LEVEL_MAIN},
    {"events", IN_MAIN | BLOCK | ARGS_0, open_events, LEVEL_MAIN},
    ROW("worker_connections", IN_EVENTS, conf_set_number, worker_connections, 512,
	&connections_range),
    ROW("connection_recycle_delay", IN_EVENTS, conf_set_ms, connection_recycle_delay, 0, NULL),
    ROW("multi_accept", IN_EVENTS, conf_set_flag, multi_accept, 0, NULL),
    ROW("accept_mutex", IN_EVENTS, conf_set_flag, accept_mutex, 0, NULL),
    ROW("accept_mutex_delay", IN_EVENTS, conf_set_ms, accept_mutex_delay, 500, NULL),
    {.name = NULL},
};

struct module settings_module = {
    .name = "settings",
    .kind = MODULE_CORE,
    .directives = directives,
    .create = create,
    .finish = finish,
};
