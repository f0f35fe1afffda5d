#include "modules/cache/files/cache_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "io/file.h"

enum { NAME_LEN = 2 * MD5_SIZE, FIRST_READ = 4096 };

/* ---- names */

struct cache_name cache_file_name(struct str key)
{
	struct cache_name name;
	struct md5 m;

	md5_init(&m);
	md5_add(&m, key);
	md5_end(&m, name.bytes);
	return name;
}

struct cache_name cache_file_variant_name(const struct stored *first,
					  const unsigned char variant[MD5_SIZE])
{
	struct cache_name name;
	struct md5 m;

	md5_init(&m);
	md5_add(&m, first->key);
	md5_add(&m, (struct str){(const char *)&first->family, sizeof(first->family)});
	md5_add(&m, (struct str){(const char *)variant, MD5_SIZE});
	md5_end(&m, name.bytes);
	return name;
}

static void put_name(char *to, const struct cache_name *name)
{
	static const char digits[] = "0123456789abcdef";

	for (int i = 0; i < MD5_SIZE; i++) {
		*to++ = digits[name->bytes[i] >> 4];
		*to++ = digits[name->bytes[i] & 15];
	}
}

/* Makes the path: the folder, one directory for each level, and the name. The directories are
 * named after the last digits of the name. */
static struct str path_with(struct pool *p, const struct temp_folder *folder,
			    const struct cache_name *name, const char *behind)
{
	char text[NAME_LEN], *path, *to;
	const char *at = text + NAME_LEN;
	struct str more = str_from(behind);

	put_name(text, name);
	path = pool_bytes(p, folder->path.len + TEMP_LEVELS * 4 + 1 + NAME_LEN + more.len + 1);
	if (path == NULL)
		return (struct str){NULL, 0};
	to = put_str(path, folder->path);
	for (int i = 0; i < TEMP_LEVELS && folder->levels[i] > 0; i++) {
		at -= folder->levels[i];
		*to++ = '/';
		to = put_str(to, (struct str){at, (size_t)folder->levels[i]});
	}
	*to++ = '/';
	to = put_str(put_str(to, (struct str){text, NAME_LEN}), more);
	*to = '\0';
	return str_between(path, to);
}

struct str cache_file_path(struct pool *p, const struct temp_folder *folder,
			   const struct cache_name *name)
{
	return path_with(p, folder, name, "");
}

static int digit(char c)
{
	return c >= 'A' && c <= 'F' ? -1 : char_hex(c);
}

bool cache_file_parse_name(struct str file, struct cache_name *name)
{
	if (file.len != NAME_LEN)
		return false;
	for (int i = 0; i < MD5_SIZE; i++) {
		int high = digit(file.data[2 * i]), low = digit(file.data[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		name->bytes[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

pid_t cache_file_parse_writer(struct str file)
{
	struct cache_name name;
	const char *dot;
	int64_t pid;

	if (file.len <= NAME_LEN || file.data[NAME_LEN] != '.' ||
	    !cache_file_parse_name((struct str){file.data, NAME_LEN}, &name))
		return 0;
	file = (struct str){file.data + NAME_LEN + 1, file.len - NAME_LEN - 1};
	dot = memchr(file.data, '.', file.len);
	pid = dot != NULL ? str_to_number(str_between(file.data, dot)) : -1;
	return pid > 0 && pid <= INT32_MAX ? (pid_t)pid : 0;
}

/* ---- finding */

static bool is_whole(const struct cached_file *f)
{
	return f->file->size == f->head->body_at + f->head->body_size;
}

/* Reads the head. Only large files are not in memory, so the first read usually gets the whole
 * head. */
static enum stored_result read_head(struct pool *p, const struct open_file *f, struct stored *head)
{
	size_t room = FIRST_READ, wanted;
	enum stored_result result;

	do {
		char *bytes = pool_bytes(p, room);
		ssize_t got = bytes != NULL ? file_read_at(f->fd, bytes, room, 0) : -1;

		if (got < 0)
			return STORED_BAD;
		result = stored_parse(p, (struct str){bytes, (size_t)got}, head, &wanted);
		if (result == STORED_SHORT && wanted <= room)
			return STORED_BAD; /* the file is too short */
		room = wanted;
	} while (result == STORED_SHORT);
	return result;
}

static bool take_head(struct pool *p, const struct open_file *f, struct stored *head)
{
	struct str bytes = {f->bytes, (size_t)f->size};
	size_t wanted;

	return (bytes.data != NULL ? stored_parse(p, bytes, head, &wanted)
				   : read_head(p, f, head)) == STORED_GOOD;
}

/* Returns the head of a file that is kept open. Returns NULL when the file is damaged, or when
 * there is no memory. */
static struct kept_head *keep_head(struct open_file *f)
{
	enum { BLOCK = 1024 };
	struct kept_head *kept;

	if (f->parsed != NULL)
		return f->parsed;
	f->pool = pool_create(BLOCK);
	if (f->pool == NULL)
		return NULL;
	kept = pool_zalloc(f->pool, sizeof(*kept));
	if (kept == NULL || !take_head(f->pool, f, &kept->head)) {
		pool_destroy(f->pool);
		f->pool = NULL;
		return NULL;
	}
	kept->pool = f->pool;
	return f->parsed = kept;
}

static bool find_head(struct pool *p, struct cached_file *f)
{
	struct stored *head;

	f->kept = f->file->cached ? keep_head(f->file) : NULL;
	if (f->file->cached) {
		f->head = f->kept != NULL ? &f->kept->head : NULL;
		return f->kept != NULL;
	}
	f->head = head = pool_alloc(p, sizeof(*head));
	return head != NULL && take_head(p, f->file, head);
}

bool cache_file_find(struct request *r, const struct temp_folder *folder,
		     const struct cache_name *name, struct str key, struct cached_file *f)
{
	struct str path = cache_file_path(r->pool, folder, name);

	f->file = path.data != NULL ? open_file_get(r, path) : NULL;
	return f->file != NULL && f->file->kind == FILE_REGULAR && find_head(r->pool, f) &&
	       is_whole(f) && str_equal(f->head->key, key);
}

void cache_file_remove(struct pool *p, const struct temp_folder *folder,
		       const struct cache_name *name)
{
	struct str path = cache_file_path(p, folder, name);

	if (path.data != NULL)
		unlink(path.data);
}

/* ---- writing */

static void close_it(struct writing *w)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
}

void cache_file_drop(struct writing *w)
{
	if (w->temporary.len > 0)
		unlink(w->temporary.data);
	w->temporary.len = 0;
	close_it(w);
}

static void drop_with_pool(void *data)
{
	cache_file_drop(data);
}

static int create(struct str path, size_t folder_len)
{
	enum { HOW = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC };
	int fd = open(path.data, HOW, 0600);

	if (fd < 0 && errno == ENOENT && folders_make(path, folder_len) == 0)
		fd = open(path.data, HOW, 0600);
	return fd;
}

int cache_file_begin(struct writing *w, struct pool *p, const struct temp_folder *folder,
		     const struct temp_folder *aside, const struct cache_name *name)
{
	static unsigned number;
	struct pool_cleanup *cleanup = pool_cleanup_add(p, w);
	char behind[32];

	snprintf(behind, sizeof(behind), ".%d.%u", (int)getpid(), ++number);
	w->fd = -1;
	w->at = w->error = 0;
	w->path = cache_file_path(p, folder, name);
	w->beside = path_with(p, folder, name, behind);
	w->folder_len = folder->path.len;
	w->temporary = STR_NONE;
	if (cleanup == NULL || w->path.data == NULL || w->beside.data == NULL) {
		errno = ENOMEM;
		return -1;
	}
	if (stored_measure(&w->head) == 0) {
		errno = EFBIG;
		return -1;
	}
	w->temporary = w->beside;
	w->fd = aside != NULL ? temp_file_create(p, aside, &w->temporary)
			      : create(w->beside, w->folder_len);
	if (w->fd < 0) {
		w->temporary.len = 0;
		return -1;
	}
	cleanup->run = drop_with_pool;
	return 0;
}

/* Removes the file that was begun, because the disk may be full. */
static void give_up(struct writing *w)
{
	w->error = errno;
	cache_file_drop(w);
}

void cache_file_add(struct writing *w, struct str bytes)
{
	if (w->fd < 0)
		return;
	if (file_write_all(w->fd, bytes.data, bytes.len, w->head.body_at + w->at) < 0)
		give_up(w);
	w->at += (int64_t)bytes.len;
}

/* The kernel copies the bytes, or lets both files share the blocks. Some file systems cannot do
 * this; then read and write are used. */
static ssize_t copy_some(int from, off_t *at, int to, off_t to_at, size_t size)
{
	static char room[65536];
	ssize_t done = copy_file_range(from, at, to, &to_at, size, 0);

	if (done >= 0 ||
	    (errno != EXDEV && errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP))
		return done;
	done = file_read_at(from, room, size < sizeof(room) ? size : sizeof(room), *at);
	if (done > 0 && file_write_all(to, room, (size_t)done, to_at) < 0)
		return -1;
	*at += done > 0 ? done : 0;
	return done;
}

static void add_file(struct writing *w, int fd, int64_t from, int64_t size)
{
	off_t at = from;

	while (w->fd >= 0 && size > 0) {
		ssize_t done = copy_some(fd, &at, w->fd, w->head.body_at + w->at, (size_t)size);

		if (done <= 0) {
			errno = done < 0 ? errno : EIO;
			give_up(w);
			return;
		}
		w->at += done;
		size -= done;
	}
}

void cache_file_add_body(struct writing *w, const struct cached_file *f)
{
	const struct stored *head = f->head;

	if (f->file->bytes != NULL)
		cache_file_add(
		    w, (struct str){f->file->bytes + head->body_at, (size_t)head->body_size});
	else
		add_file(w, f->file->fd, head->body_at, head->body_size);
}

static int write_head(struct writing *w)
{
	size_t size = (size_t)w->head.body_at;
	char *head = malloc(size);
	int result;

	if (head == NULL)
		return -1;
	w->head.body_size = w->at;
	stored_put(head, &w->head);
	result = file_write_all(w->fd, head, size, 0);
	free(head);
	return result;
}

/* Copies the file to the disk of the cache. */
static int copy_beside(struct writing *w)
{
	int64_t size = w->head.body_at + w->at;
	int from = w->fd;

	w->fd = create(w->beside, w->folder_len);
	if (w->fd >= 0) {
		unlink(w->temporary.data);
		w->temporary = w->beside;
		w->at = -w->head.body_at; /* the copy begins with the head */
		add_file(w, from, 0, size);
	} else {
		w->error = errno;
		w->fd = from;
		return -1;
	}
	close(from);
	errno = w->error;
	return w->fd >= 0 ? 0 : -1;
}

static int move_in(struct writing *w)
{
	int result = rename(w->temporary.data, w->path.data);

	if (result < 0 && errno == ENOENT && folders_make(w->path, w->folder_len) == 0)
		result = rename(w->temporary.data, w->path.data);
	if (result < 0 && errno == EXDEV && copy_beside(w) == 0)
		result = rename(w->temporary.data, w->path.data);
	return result;
}

int64_t cache_file_end(struct writing *w)
{
	if (w->fd < 0) {
		errno = w->error;
		return -1;
	}
	if (write_head(w) < 0 || move_in(w) < 0) {
		give_up(w);
		errno = w->error;
		return -1;
	}
	w->temporary.len = 0;
	close_it(w);
	return w->head.body_at + w->at;
}
