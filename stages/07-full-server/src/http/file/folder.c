#include "http/file/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "http/file/file_rules.h"

static int status_of(struct request *r, const char *call, struct str path)
{
	enum log_level level = LOG_ERROR;
	int status = 404;

	switch (errno) {
	case ENOENT:
	case ENOTDIR:
	case ENAMETOOLONG:
		break;
	case EACCES:
	case ELOOP:
		status = 403;
		break;
	default:
		status = 500;
		level = LOG_CRIT;
	}
	if (status != 404 || file_rules(r)->log_not_found)
		request_log_errno(r, level, "%s(\"%.*s\")", call, STR_ARGS(path));
	return status;
}

int folder_check(struct request *r, struct str path)
{
	struct stat st;

	return stat(path.data, &st) == 0 ? 0 : status_of(r, "stat", path);
}

/* Follows a symbolic link first. If the link leads nowhere, looks at the link itself, so that
 * the list contains the link. */
static bool look_at(int folder, const char *name, struct stat *st)
{
	return fstatat(folder, name, st, 0) == 0 ||
	       ((errno == ENOENT || errno == ELOOP) &&
		fstatat(folder, name, st, AT_SYMLINK_NOFOLLOW) == 0);
}

static int add(struct request *r, struct pool_list *entries, const char *name,
	       const struct stat *st)
{
	struct folder_entry *e = pool_list_add(r->pool, entries, sizeof(*e));

	if (e == NULL)
		return -1;
	e->name = pool_str_z(r->pool, str_from(name));
	e->kind = S_ISDIR(st->st_mode)   ? ENTRY_FOLDER
		  : S_ISREG(st->st_mode) ? ENTRY_FILE
					 : ENTRY_OTHER;
	e->size = st->st_size;
	e->modified = st->st_mtime;
	return e->name.data != NULL ? 0 : -1;
}

/* Returns 0, or the HTTP status to refuse with. If reading an entry fails, the request is
 * refused, because a list without this entry would look complete. */
static int add_name(struct request *r, struct pool_list *entries, int folder, const char *name)
{
	struct stat st;

	if (look_at(folder, name, &st))
		return add(r, entries, name, &st) == 0 ? 0 : 500;
	/* the entry was just deleted, or this process has no right to see it */
	if (errno == ENOENT || errno == EACCES)
		return 0;
	return status_of(r, "stat", str_from(name));
}

int folder_read(struct request *r, struct str path, struct pool_list *entries)
{
	DIR *folder = opendir(path.data);
	struct dirent *d;
	int status = 0;

	if (folder == NULL)
		return status_of(r, "opendir", path);
	while (status == 0 && (errno = 0, d = readdir(folder)) != NULL)
		if (d->d_name[0] != '.')
			status = add_name(r, entries, dirfd(folder), d->d_name);
	if (status == 0 && errno != 0)
		status = status_of(r, "readdir", path);
	closedir(folder);
	return status;
}
