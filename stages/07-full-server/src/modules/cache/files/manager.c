#include "modules/cache/files/manager.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "event/timer.h"
#include "modules/cache/files/cache_file.h"

enum { LOOK_AGAIN = 1000 }; /* ms */

struct manager {
	struct timer timer;
	const struct cache_path *path;
	/* while loading: the open directories, from the cache's folder to the directory that is
	 * read */
	DIR *folders[TEMP_LEVELS + 1];
	int depth; /* the number of open directories; 0 means that the manager is not loading */
	uint32_t resets;
};

/* ---- portions */

struct portion {
	const struct cache_pace *pace;
	int64_t left, end;
};

static struct portion begin_portion(const struct cache_pace *pace)
{
	clock_update();
	return (struct portion){pace, pace->files, now.ms + pace->threshold};
}

static bool goes_on(struct portion *p)
{
	clock_update();
	return p->left-- > 0 && now.ms < p->end;
}

/* ---- loading */

static int level_count(const struct cache_path *c)
{
	int count = 0;

	while (count < TEMP_LEVELS && c->folder->levels[count] > 0)
		count++;
	return count;
}

static void enter_folder(struct manager *m, int fd)
{
	DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;

	if (folder != NULL)
		m->folders[m->depth++] = folder;
	else if (fd >= 0)
		close(fd);
}

static int open_folder(int at, const char *name)
{
	return openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

static void leave_folder(struct manager *m)
{
	closedir(m->folders[--m->depth]);
}

/* Removes an incomplete file if the process that wrote it has ended. */
static void look_at_leftover(int folder, const char *name)
{
	pid_t writer = cache_file_parse_writer(str_from(name));

	if (writer > 0 && kill(writer, 0) < 0 && errno == ESRCH)
		unlinkat(folder, name, 0);
}

static void load_file(const struct manager *m, int folder, const char *file)
{
	struct cache_name name;
	struct stat st;

	if (!cache_file_parse_name(str_from(file), &name))
		look_at_leftover(folder, file);
	else if (fstatat(folder, file, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
		 !index_found(m->path->zone, &name, st.st_size))
		unlinkat(folder, file, 0); /* the index is full */
}

/* Handles the next name in the directory that is being read. */
static void load_next(struct manager *m)
{
	DIR *folder = m->folders[m->depth - 1];
	struct dirent *entry = readdir(folder);

	if (entry == NULL)
		leave_folder(m);
	else if (entry->d_name[0] == '.')
		return;
	else if (m->depth <= level_count(m->path))
		enter_folder(m, open_folder(dirfd(folder), entry->d_name));
	else
		load_file(m, dirfd(folder), entry->d_name);
}

static void begin_loading(struct manager *m)
{
	m->resets = m->path->zone->slab->resets;
	enter_folder(m, open_folder(AT_FDCWD, m->path->folder->path.data));
	if (m->depth == 0)
		log_errno(log_main, LOG_ALERT, "opendir(\"%s\")", m->path->folder->path.data);
}

static void end_loading(const struct manager *m)
{
	struct index_totals t;

	index_set_loaded(m->path->zone, m->resets);
	index_totals(m->path->zone, &t);
	log_write(log_main, LOG_NOTICE, "cache \"%.*s\": %u files, %lld bytes",
		  STR_ARGS(m->path->name), t.files, (long long)t.bytes);
}

/* Returns the ms until the next portion of work. */
static int64_t load(struct manager *m)
{
	struct portion portion = begin_portion(&m->path->loader);

	while (m->depth > 0 && goes_on(&portion))
		load_next(m);
	if (m->depth == 0)
		end_loading(m);
	return m->path->loader.sleep;
}

/* ---- keeping the limits */

static bool is_disk_short(const struct cache_path *c)
{
	struct statvfs fs;

	return c->min_free != CONF_UNSET && statvfs(c->folder->path.data, &fs) == 0 &&
	       (int64_t)fs.f_bavail * (int64_t)fs.f_frsize < c->min_free;
}

static bool is_too_much(const struct cache_path *c)
{
	struct index_totals t;

	index_totals(c->zone, &t);
	if (t.files == 0)
		return false;
	return (c->max_size != CONF_UNSET && t.bytes > c->max_size) || is_disk_short(c);
}

/* Returns false when no file needs to be removed. */
static bool remove_one(const struct cache_path *c, struct pool *p)
{
	int64_t used_before = is_too_much(c) ? INT64_MAX : now.ms - c->inactive;
	struct cache_name name;

	if (!index_take_oldest(c->zone, used_before, &name))
		return false;
	cache_file_remove(p, c->folder, &name);
	return true;
}

static int64_t keep(const struct manager *m)
{
	struct portion portion = begin_portion(&m->path->manager);
	struct pool *p = pool_create(POOL_BLOCK);
	bool more = p != NULL;

	while (more && goes_on(&portion))
		more = remove_one(m->path, p);
	if (p != NULL)
		pool_destroy(p);
	return more ? m->path->manager.sleep : LOOK_AGAIN;
}

static int64_t work(struct manager *m)
{
	struct index_totals t;

	if (m->depth > 0)
		return load(m);
	index_totals(m->path->zone, &t);
	if (t.loaded)
		return keep(m);
	begin_loading(m);
	return m->depth > 0 ? load(m) : LOOK_AGAIN;
}

static void on_due(struct timer *t)
{
	struct manager *m = CONTAINER_OF(t, struct manager, timer);

	timer_start(&m->timer, work(m));
}

struct manager *manager_create(struct pool *p, const struct cache_path *c)
{
	struct manager *m = pool_zalloc(p, sizeof(*m));

	if (m == NULL)
		return NULL;
	m->path = c;
	timer_init(&m->timer, on_due);
	m->timer.holds_exit = false;
	timer_start(&m->timer, 1);
	return m;
}

void manager_stop(struct manager *m)
{
	timer_remove(&m->timer);
	while (m->depth > 0)
		leave_folder(m);
}
