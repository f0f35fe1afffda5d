#include "http/file/open_file.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/file/file_rules.h"
#include "io/file.h"
#include "mem/alloc.h"

enum {
	/* SMALL_FILE means that a file of up to this many bytes is read when it is opened; its
	 * descriptor is closed afterwards */
	SMALL_FILE = 65536,
	/* EVICT_AT_A_TIME means how many old files may be removed when one file is added */
	EVICT_AT_A_TIME = 2,
	DEFAULT_MAX = 1000,
	SIGHTINGS = 1024, /* SIGHTINGS means the number of counters for open_file_cache_min_uses */
};

struct cache_main {
	int64_t most;
};

struct cache_location {
	int64_t max; /* 0 means that the cache is off */
	int64_t inactive, valid, min_uses;
	int errors;
};

static struct hash table;  /* the key is the path */
static struct list by_use; /* the first file is the one used last */
static int64_t most_files; /* the largest `max=` in the configuration */
static bool can_watch;

/* These counters say how often each path was requested (open_file_cache_min_uses). Two paths
 * may share a counter. In this case the file of one path is cached too early. This does no
 * harm. */
static struct {
	int64_t count;
	int64_t since; /* in ms of the monotonic clock */
} sightings[SIGHTINGS];

/* ---- one file */

static void make_etag(struct open_file *f)
{
	char *to = f->etag_text;

	*to++ = '"';
	to = put_hex(to, (uint64_t)f->modified);
	*to++ = '-';
	to = put_hex(to, (uint64_t)f->size);
	*to++ = '"';
	f->etag = str_between(f->etag_text, to);
}

/* If a small file changes while it is read, its bytes are not used. The file is sent from its
 * descriptor, like a large file. */
static void read_small(struct open_file *f, const struct stat *st, bool may_wait)
{
	char *bytes;

	f->cold = false;
	if (st->st_size > SMALL_FILE)
		return;
	bytes = alloc_large((size_t)st->st_size + 1);
	if (bytes == NULL ||
	    !(may_wait ? file_read_steady : file_read_steady_cached)(f->fd, bytes, st)) {
		alloc_large_free(bytes);
		f->cold = !may_wait;
		return;
	}
	f->bytes = bytes;
}

static enum file_kind kind_of(const struct stat *st)
{
	return S_ISREG(st->st_mode)   ? FILE_REGULAR
	       : S_ISDIR(st->st_mode) ? FILE_FOLDER
				      : FILE_SPECIAL;
}

static void look_up(struct open_file *f, const char *path, bool may_wait)
{
	struct stat st;

	f->fd = file_open(path, &st);
	if (f->fd < 0) {
		f->error = errno;
		return;
	}
	f->size = st.st_size;
	f->modified = st.st_mtime;
	f->inode = st.st_ino;
	f->device = st.st_dev;
	f->kind = kind_of(&st);
	if (f->kind == FILE_REGULAR) {
		make_etag(f);
		read_small(f, &st, may_wait);
	}
}

static void close_unneeded(struct open_file *f)
{
	if (f->fd >= 0 && (f->bytes != NULL || f->kind != FILE_REGULAR)) {
		close(f->fd);
		f->fd = -1;
	}
}

/* When this `cold` file was opened, its bytes were not in the page cache. Perhaps they are in
 * it now, so this function tries again to read them. */
static void try_again(struct open_file *f)
{
	struct stat st;

	if (fstat(f->fd, &st) == 0 && st.st_size == f->size && st.st_mtime == f->modified)
		read_small(f, &st, false);
	/* if the file has only one holder, no other request sends from the descriptor */
	if (f->holders == 1)
		close_unneeded(f);
}

void open_file_settle(struct open_file *f, const char *bytes)
{
	f->cold = false;
	if (f->bytes != NULL || bytes == NULL)
		return;
	f->bytes = alloc_large((size_t)f->size + 1);
	if (f->bytes != NULL)
		memcpy(f->bytes, bytes, (size_t)f->size);
}

void open_file_hold(struct open_file *f)
{
	f->holders++;
}

void open_file_put(struct open_file *f)
{
	if (--f->holders > 0)
		return;
	assert(!f->cached);
	if (f->fd >= 0)
		close(f->fd);
	alloc_large_free(f->bytes);
	alloc_large_free((char *)f->prepared.data);
	if (f->pool != NULL)
		pool_destroy(f->pool);
	alloc_large_free(f);
}

static struct open_file *file_create(struct str path)
{
	struct open_file *f = alloc_large(sizeof(*f) + path.len + 1);
	char *key;

	if (f == NULL)
		return NULL;
	*f = (struct open_file){.fd = -1, .kind = FILE_MISSING};
	key = (char *)(f + 1);
	*put_str(key, path) = '\0';
	f->node.key = (struct str){key, path.len};
	return f;
}

/* ---- the cache */

static void cache_forget(struct open_file *f)
{
	hash_remove(&table, &f->node);
	list_remove(&f->by_use);
	f->cached = false;
	open_file_put(f);
}

static void cache_drop(struct open_file *f)
{
	file_watch_end(&f->watch);
	cache_forget(f);
}

static void on_change(struct file_watch *w)
{
	struct open_file *f = CONTAINER_OF(w, struct open_file, watch);

	if (f->cached)
		cache_forget(f);
}

static void evict(const struct cache_location *l)
{
	for (int i = 0; i < EVICT_AT_A_TIME && !list_is_empty(&by_use); i++) {
		struct open_file *oldest = CONTAINER_OF(by_use.prev, struct open_file, by_use);

		if ((int64_t)table.count < most_files && now.ms - oldest->used < l->inactive)
			break;
		cache_drop(oldest);
	}
}

static bool is_seen_often(struct str path, const struct cache_location *l)
{
	size_t at = hash_bytes(path) % SIGHTINGS;

	if (l->min_uses <= 1)
		return true;
	if (now.ms - sightings[at].since >= l->inactive) {
		sightings[at].since = now.ms;
		sightings[at].count = 0;
	}
	return ++sightings[at].count >= l->min_uses;
}

/* A missing file is cached if open_file_cache_errors is on. When the file is created, the watch
 * on its folder reports the new file. */
static bool is_worth_keeping(const struct open_file *f, const struct cache_location *l)
{
	if (f->fd < 0)
		return l->errors && (f->error == ENOENT || f->error == EACCES);
	return f->kind != FILE_SPECIAL;
}

/* Watches the path first, then opens the file. In this order no change is missed. */
static void look_up_and_keep(struct open_file *f, const struct cache_location *l, bool may_wait)
{
	bool watched = file_watch_way(&f->watch, f->node.key) == 0;

	look_up(f, f->node.key.data, may_wait);
	evict(l);
	if (!watched || !is_worth_keeping(f, l) ||
	    (f->fd >= 0 && file_watch_inode(&f->watch, f->fd) < 0) ||
	    hash_add(&table, &f->node) < 0) {
		file_watch_end(&f->watch);
		return;
	}
	f->holders++;
	f->cached = true;
	f->checked = f->used = now.ms;
	list_add_first(&by_use, &f->by_use);
}

/*
 * Tests the file again when the time open_file_cache_valid is over, because inotify does not
 * report every change. For example, it does not report a write through mmap. It also does not
 * report a file system that is mounted over a folder of the path.
 */
static bool is_still_valid(struct open_file *f, const struct cache_location *l)
{
	struct stat st;

	if (f->error != 0 && !l->errors)
		return false;
	if (now.ms - f->checked < l->valid)
		return true;
	f->checked = now.ms;
	if (stat(f->node.key.data, &st) < 0)
		return f->error == errno;
	return f->error == 0 && st.st_ino == f->inode && st.st_dev == f->device &&
	       st.st_size == f->size && st.st_mtime == f->modified;
}

static struct open_file *cache_get(struct str path, const struct cache_location *l)
{
	struct hash_node *found = hash_get(&table, path);
	struct open_file *f;

	if (found == NULL)
		return NULL;
	f = CONTAINER_OF(found, struct open_file, node);
	if (!is_still_valid(f, l)) {
		cache_drop(f);
		return NULL;
	}
	if (by_use.next != &f->by_use) {
		list_remove(&f->by_use);
		list_add_first(&by_use, &f->by_use);
	}
	f->used = now.ms;
	return f;
}

/* ---- for requests */

static void release(void *data)
{
	open_file_put(data);
}

/*
 * Returns the file that this request has opened last. The path must be the same, and the file
 * must not have changed. For example, try_files opens a file, and then the content handler
 * sends it.
 */
static struct open_file *latest(const struct request *r, struct str path)
{
	const struct pool_cleanup *c = pool_cleanups(r->pool);
	struct open_file *f = c != NULL && c->run == release ? c->data : NULL;

	return f != NULL && f->cached && str_equal(f->node.key, path) ? f : NULL;
}

static struct open_file *look_for(struct request *r, struct str path)
{
	const struct cache_location *l = request_section(r, LEVEL_LOCATION, &open_file_module);
	bool may_cache = can_watch && l->max > 0, may_wait = file_rules(r)->aio_pool == NULL;
	struct pool_cleanup *hold = pool_cleanup_add(r->pool, NULL);
	struct open_file *f = may_cache ? cache_get(path, l) : NULL;

	if (hold == NULL)
		return NULL;
	if (f == NULL) {
		f = file_create(path);
		if (f == NULL) {
			pool_set_starved(r->pool, true);
			return NULL;
		}
		if (may_cache && is_seen_often(path, l))
			look_up_and_keep(f, l, may_wait);
		else
			look_up(f, f->node.key.data, may_wait);
		close_unneeded(f);
	} else if (f->cold) {
		try_again(f);
	}
	f->holders++;
	hold->data = f;
	hold->run = release;
	return f;
}

struct open_file *open_file_get(struct request *r, struct str path)
{
	struct open_file *f = latest(r, path);

	return f != NULL && !f->cold ? f : look_for(r, path);
}

struct open_file *open_file_of(const struct request *r, int fd)
{
	for (struct pool_cleanup *c = pool_cleanups(r->pool); c != NULL; c = c->next)
		if (c->run == release && ((struct open_file *)c->data)->fd == fd)
			return c->data;
	return NULL;
}

int open_file_status(struct request *r, const struct open_file *f, struct str path)
{
	enum log_level level = LOG_ERROR;
	int status = 404;

	switch (f->error) {
	case 0:
		return 404; /* the file is a socket or a device, which cannot be served */
	case ENOENT:
	case ENOTDIR:
	case ENAMETOOLONG:
	case ENXIO: /* the file is a socket, or a FIFO without a reader */
		break;
	case EACCES:
	case EPERM:
	case ELOOP:
		status = 403;
		break;
	default:
		status = 500;
		level = LOG_CRIT;
	}
	if (status != 404 || file_rules(r)->log_not_found) {
		errno = f->error;
		request_log_errno(r, level, "open(\"%.*s\")", STR_ARGS(path));
	}
	return status;
}

/* directio: reads of a large file bypass the page cache. Otherwise its bytes would push
 * other files out of the page cache. */
static void go_past_page_cache(struct request *r, struct open_file *f)
{
	if (f->direct || f->size < file_rules(r)->directio)
		return;
	f->direct = true;
	if (file_set_direct(f->fd) < 0)
		request_log_errno(r, LOG_ALERT, "O_DIRECT of \"%.*s\"", STR_ARGS(f->node.key));
}

struct buf *open_file_buf(struct request *r, struct open_file *f, int64_t from, int64_t to)
{
	struct buf *b;

	if (f->bytes != NULL)
		return buf_memory(r->pool, str_between(f->bytes + from, f->bytes + to));
	go_past_page_cache(r, f);
	b = buf_file(r->pool, f->fd, from, to);
	if (b != NULL)
		b->copied = f->direct || !file_rules(r)->sendfile;
	return b;
}

/* ---- the directives */

static int merge_location(struct conf *cf, void *outer, void *inner)
{
	struct cache_main *m = http_of(cf)->main[open_file_module.index];
	const struct cache_location *l = inner;

	/* inner == outer means http {}, which serves no requests, so its `max=` does not
	 * count */
	if (inner != outer && l->max > m->most)
		m->most = l->max;
	return 0;
}

static int set_cache(struct conf *cf, const struct directive *d, void *section)
{
	struct cache_location *l = section;

	if (l->max != CONF_UNSET)
		return conf_duplicate(cf);
	for (uint32_t i = 1; i < cf->arg_count; i++) {
		struct str arg = cf->args[i], value;
		bool good = false;

		if (str_equal(arg, STR("off")))
			good = (l->max = 0) == 0;
		else if (conf_param(arg, STR("max="), &value))
			good = (l->max = str_to_number(value)) > 0;
		else if (conf_param(arg, STR("inactive="), &value))
			good = parse_ms(value, &l->inactive);
		if (!good)
			return conf_bad_value(cf, cf->args[i]);
	}
	return l->max != CONF_UNSET
		   ? 0
		   : conf_fail(cf, "\"open_file_cache\" must have the \"max\" parameter");
}

static int start(struct http *http)
{
	const struct cache_main *m = http->main[open_file_module.index];

	most_files = m->most;
	hash_init(&table);
	list_init(&by_use);
	/* without the cache, every request opens its file itself; this is slower but correct */
	can_watch = file_watch_init(on_change) == 0;
	if (!can_watch)
		log_errno(log_main, LOG_WARN, "inotify: files will not be cached");
	return 0;
}

static void stop(struct http *http)
{
	while (!list_is_empty(&by_use))
		cache_drop(CONTAINER_OF(by_use.next, struct open_file, by_use));
	if (can_watch)
		file_watch_fini();
	hash_fini(&table);
}

#define ROW(name, args, set, member, otherwise)                                                    \
	{                                                                                          \
		name, IN_HTTP_ALL | (args), set, LEVEL_LOCATION,                                   \
		    SETTING(struct cache_location, member, otherwise)                              \
	}

static const struct directive directives[] = {
    ROW("open_file_cache", ARGS_1_2, set_cache, max, DEFAULT_MAX),
    {ALSO_SETS("open_file_cache"), LEVEL_LOCATION, SETTING(struct cache_location, inactive, 60000)},
    ROW("open_file_cache_valid", ARGS_1, conf_set_ms, valid, 60000),
    ROW("open_file_cache_min_uses", ARGS_1, conf_set_number, min_uses, 1),
    ROW("open_file_cache_errors", ARGS_1, conf_set_flag, errors, 0),
    {.name = NULL},
};

static const struct http_hooks hooks = {
    .main_size = sizeof(struct cache_main),
    .location_size = sizeof(struct cache_location),
    .merge_location = merge_location,
    .start = start,
    .stop = stop,
};

struct module open_file_module = {
    .name = "open_file", .kind = MODULE_HTTP, .directives = directives, .hooks = &hooks};
