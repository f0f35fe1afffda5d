/*
 * cycle: one configuration and what belongs to it: its memory, its log files, its sections. A
 * reload makes a second one beside it, and only a valid one replaces the first.
 */
#ifndef PROC_CYCLE_H
#define PROC_CYCLE_H

#include "conf/listening.h"
#include "conf/logfile.h"
#include "conf/zone.h"
#include "mem/shm.h"
#include "mem/shmutex.h"
#include "proc/settings.h"

/* What the command line says. */
struct cycle_options {
	struct str prefix;     /* ends with "/" */
	struct str file;       /* absolute */
	struct str text;       /* the text of the configuration, if it is not in a file */
	struct str directives; /* -g */
	struct str error_log;  /* -e; empty: the default */
	bool testing;
	int *inherited; /* see struct conf */
	size_t inherited_count;
	/* the zones of the previous configuration; NULL: there is none */
	const struct zones *zones;
	void (*on_file)(struct str path, struct str text); /* -T */
};

struct cycle {
	struct pool *pool;
	struct module *const *modules;
	void **sections; /* one a module */
	struct settings *settings;
	struct logfile *logfiles;
	struct listening *listening;
	struct temp_path *temp_paths;
	struct zones *zones;
	/* the memory in which accept_mutex is; NULL: accept_mutex is off */
	struct shm *accept_memory;
	const struct log *log; /* the outermost error_log */
};

/* Returns NULL after it has called on_error with the reason. */
struct cycle *cycle_create(const struct cycle_options *o, struct module **modules,
			   void (*on_error)(const char *message));
void cycle_destroy(struct cycle *c);

/* The mutex that the workers need to accept. NULL: accept_mutex is off, or there is only one
 * worker. */
struct shmutex *cycle_accept_mutex(const struct cycle *c);

#endif
