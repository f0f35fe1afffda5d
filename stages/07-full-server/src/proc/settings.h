/*
 * settings: the directives outside of http {}, for the processes, the files and events {}.
 */
#ifndef PROC_SETTINGS_H
#define PROC_SETTINGS_H

#include <sys/types.h>

#include "base/log.h"
#include "conf/value.h"

struct settings {
	int daemon, master_process;
	int64_t worker_processes; /* 0 means auto */
	int64_t worker_rlimit_nofile;
	int64_t worker_shutdown_timeout;
	struct str pid, lock_file;
	int shared_mutex; /* enum shmutex_kind */
	/* the directive `user` was given; if the master is root, its workers become this user */
	bool has_user;
	uid_t uid;
	gid_t gid;
	struct str user;
	/* entry n is a cpu_set_t with the cores of worker n; after the last entry the list
	 * begins again */
	struct pool_list affinity;
	const struct log *error_log;

	/* events {} */
	int64_t worker_connections;
	int64_t connection_recycle_delay;
	int multi_accept, accept_mutex;
	int64_t accept_mutex_delay;
};

/* Returns the number of processes that serve. */
size_t settings_workers(const struct settings *s);

extern struct module settings_module;

#endif
