#include "modules/proxy/body/store.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/file.h"

static void drop(void *data)
{
	struct store *s = data;

	if (s->fd < 0)
		return;
	close(s->fd);
	unlink(s->temp.data);
	s->fd = -1;
}

static void failed(struct store *s, const char *what)
{
	request_log_errno(s->r, LOG_CRIT, "storing \"%.*s\": %s", STR_ARGS(s->path), what);
	drop(s);
}

int store_open(struct store *s, const struct temp_folder *folder, struct str path)
{
	struct pool_cleanup *c = pool_cleanup_add(s->r->pool, s);

	s->fd = -1;
	s->path = path;
	if (c == NULL)
		return -1;
	s->fd = temp_file_create(s->r->pool, folder, &s->temp);
	if (s->fd < 0) {
		failed(s, "no temporary file");
		return -1;
	}
	c->run = drop;
	return 0;
}

void store_add(struct store *s, struct str bytes)
{
	if (s->fd < 0)
		return;
	if (file_write_all(s->fd, bytes.data, bytes.len, s->size) < 0)
		failed(s, "write");
	s->size += (off_t)bytes.len;
}

/* Makes all directories of the path. */
static int make_folders(struct str path)
{
	char *text = (char *)path.data;

	for (size_t i = 1; i < path.len; i++) {
		int made;

		if (text[i] != '/')
			continue;
		text[i] = '\0';
		made = mkdir(text, 0755);
		text[i] = '/';
		if (made < 0 && errno != EEXIST)
			return -1;
	}
	return 0;
}

static int give_name(struct store *s)
{
	if (rename(s->temp.data, s->path.data) == 0)
		return 0;
	if (errno != ENOENT || make_folders(s->path) < 0)
		return -1;
	return rename(s->temp.data, s->path.data);
}

void store_end(struct store *s, bool whole, time_t modified)
{
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = modified}};

	if (s->fd < 0)
		return;
	if (!whole) {
		drop(s);
		return;
	}
	if (modified >= 0 && futimens(s->fd, times) < 0)
		failed(s, "setting its time");
	else if (fchmod(s->fd, (mode_t)s->access) < 0)
		failed(s, "setting its mode");
	else if (give_name(s) < 0)
		failed(s, "rename; it must be in the file system of proxy_temp_path");
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}
