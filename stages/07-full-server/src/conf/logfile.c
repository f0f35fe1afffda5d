#include "conf/logfile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "io/file.h"

struct logfile *logfile_get(struct conf *cf, struct str path)
{
	bool is_stderr = str_equal(path, STR("stderr"));
	struct str full = is_stderr ? path : conf_path(cf, path);
	struct logfile *f;

	for (f = *cf->logfiles; f != NULL; f = f->next)
		if (str_equal(f->file.path, full))
			return f;
	f = pool_zalloc(cf->pool, sizeof(*f));
	if (f == NULL || full.data == NULL) {
		conf_no_memory(cf);
		return NULL;
	}
	f->file.path = full;
	f->conf_file = cf->file;
	f->conf_line = cf->line;
	f->file.fd = is_stderr ? STDERR_FILENO : -1;
	f->next = *cf->logfiles;
	*cf->logfiles = f;
	return f;
}

int logfiles_open(struct conf *cf, struct logfile *list)
{
	for (struct logfile *f = list; f != NULL; f = f->next) {
		if (f->file.fd >= 0)
			continue;
		f->file.fd = file_open_append(f->file.path.data);
		if (f->file.fd >= 0)
			continue;
		cf->file = f->conf_file;
		cf->line = f->conf_line;
		return conf_fail(cf, "open(\"%s\"): %s (%d)%s", f->file.path.data, strerror(errno),
				 errno, errno == ENOENT ? "; its folder has to be there" : "");
	}
	return 0;
}

/* Replaces the file by the file `fd`. The number of the log's descriptor stays the same. So a
 * write at the same moment goes either to the old file or to the new file. */
static void go_on_in(struct logfile *f, int fd)
{
	if (f->before_reopen != NULL)
		f->before_reopen(f->data);
	if (dup3(fd, f->file.fd, O_CLOEXEC) < 0)
		log_errno(log_main, LOG_ALERT, "dup3");
	close(fd);
}

void logfiles_reopen(struct logfile *list)
{
	for (struct logfile *f = list; f != NULL; f = f->next) {
		int fd;

		if (f->file.fd == STDERR_FILENO)
			continue;
		fd = file_open_append(f->file.path.data);
		if (fd < 0)
			log_errno(log_main, LOG_EMERG, "open(\"%s\")", f->file.path.data);
		else
			go_on_in(f, fd);
	}
}

void logfiles_take(struct logfile *list, struct str path, int fd)
{
	for (struct logfile *f = list; f != NULL; f = f->next) {
		if (f->file.fd != STDERR_FILENO && str_equal(f->file.path, path)) {
			go_on_in(f, fd);
			return;
		}
	}
	close(fd);
}

void logfiles_close(struct logfile *list)
{
	for (struct logfile *f = list; f != NULL; f = f->next)
		if (f->file.fd > STDERR_FILENO)
			close(f->file.fd);
}

static int parse_level(struct conf *cf, enum log_level *level)
{
	*level = LOG_ERROR;
	if (cf->arg_count < 3)
		return 0;
	for (int i = 0; i < LOG_LEVELS; i++) {
		if (str_equal(cf->args[2], str_from(log_level_names[i]))) {
			*level = (enum log_level)i;
			return 0;
		}
	}
	return conf_fail(cf, "invalid log level \"%.*s\"", STR_ARGS(cf->args[2]));
}

int logfile_add_error_log(struct conf *cf, const struct log **logs)
{
	struct log *log = pool_zalloc(cf->pool, sizeof(*log));
	struct logfile *file;

	if (log == NULL)
		return conf_no_memory(cf);
	if (parse_level(cf, &log->level) < 0)
		return -1;
	file = logfile_get(cf, cf->args[1]);
	if (file == NULL)
		return -1;
	log->file = &file->file;
	log->next = *logs;
	*logs = log;
	return 0;
}
