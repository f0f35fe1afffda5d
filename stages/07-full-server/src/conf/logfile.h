/*
 * logfile: the files that error_log and access_log name, each opened once
 * however often it is named, and reopened together after a rotation.
 */
#ifndef CONF_LOGFILE_H
#define CONF_LOGFILE_H

#include "base/log.h"
#include "conf/conf.h"

struct logfile {
	struct log_file file; /* must be first: base/log.h writes to it */
	struct logfile *next;
	struct str conf_file; /* where the configuration first names it */
	int conf_line;
	/* calls upward: buffered lines still belong to the old file */
	void (*before_reopen)(void *data);
	void *data;
};

/* Does not open the file yet; "stderr" means standard error. NULL after conf_fail. */
struct logfile *logfile_get(struct conf *cf, struct str path);

int logfiles_open(struct conf *cf, struct logfile *list);
/* opens each by its name; a log whose file cannot be opened keeps the old file */
void logfiles_reopen(struct logfile *list);

/* The log of this path writes to FD from now on, and owns it. If no log has this path, FD is
 * closed. */
void logfiles_take(struct logfile *list, struct str path, int fd);
void logfiles_close(struct logfile *list);

/* Reads "error_log PATH [level]" and adds the destination at the front of *logs. */
int logfile_add_error_log(struct conf *cf, const struct log **logs);

#endif
