/*
 * cycle: one configuration and all that belongs to it, for example its memory, its log files
 * and its sections. A reload makes a second cycle. The second cycle replaces the first one only
 * if its configuration is valid.
 */
#ifndef PROC_CYCLE_H
#define PROC_CYCLE_H

#include "conf/listening.h"
#include "conf/logfile.h"
#include "conf/zone.h"
#include "mem/shm.h"
#include "mem/shmutex.h"
#include "proc/settings.h"

/* The options from the command line. */
struct cycle_options {
	struct str prefix;     /* the option -p; ends with "/" */
	struct str file;       /* the absolute path of the configuration file */
	struct str text;       /* the text of the configuration, if it is not in a file */
	struct str directives; /* the text of the option -g */
	struct str error_log;  /* the path from the option -e; empty means the default */
	bool testing;
	int *inherited; /* see struct conf */
	size_t inherited_count;
	/* the zones of the previous configuration, or NULL if there is none */
	const struct zones *zones;
	/* called for each file that is read, with the option -T */
	void (*on_file)(struct str path, struct str text);
};

struct cycle {
	struct pool *pool;
	struct module *const *modules;
	void **sections; /* one section per module */
	struct settings *settings;
	struct logfile *logfiles;
	struct listening *listening;
	struct temp_path *temp_paths;
	struct zones *zones;
	/* the memory that contains the accept mutex; NULL if accept_mutex is off */
	struct shm *accept_memory;
	const struct log *log; /* the log of the error_log outside of all blocks */
};

/* On failure calls on_error with the reason and returns NULL. */
struct cycle *cycle_create(const struct cycle_options *o, struct module **modules,
			   void (*on_error)(const char *message));
void cycle_destroy(struct cycle *c);

/* Returns the mutex that a worker must hold to accept. Returns NULL if accept_mutex is off, or
 * if there is only one worker. */
struct shmutex *cycle_accept_mutex(const struct cycle *c);

#endif
