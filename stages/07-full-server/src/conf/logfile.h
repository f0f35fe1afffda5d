/*
 * logfile: the files that error_log and access_log name. Each file is opened only once, even if
 * several directives name it. After a rotation all files are opened again.
 */
#ifndef CONF_LOGFILE_H
#define CONF_LOGFILE_H

#include "base/log.h"
#include "conf/conf.h"

struct logfile {
	struct log_file file; /* must be the first member; base/log.h writes to this file */
	struct logfile *next;
	struct str conf_file; /* where the configuration first names the file */
	int conf_line;
	/* Called before the file is replaced: buffered lines must still be written to the old
	 * file. */
	void (*before_reopen)(void *data);
	void *data;
};

/* Returns the file with this path. A new file is added, but not opened yet. "stderr" means
 * standard error. Returns NULL after conf_fail. */
struct logfile *logfile_get(struct conf *cf, struct str path);

int logfiles_open(struct conf *cf, struct logfile *list);
/* Opens each file again by its name. If a file cannot be opened, its log keeps the old file. */
void logfiles_reopen(struct logfile *list);

/* From now on the log with this path writes to `fd`. The function takes ownership of `fd`, and
 * closes it if no log has this path. */
void logfiles_take(struct logfile *list, struct str path, int fd);
void logfiles_close(struct logfile *list);

/* Reads "error_log PATH [level]" and adds this log at the front of *logs. */
int logfile_add_error_log(struct conf *cf, const struct log **logs);

#endif
