#include "http/file/file_watch.h"

#include <limits.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/hash.h"
#include "event/watch.h"
#include "mem/alloc.h"

#define FOLDER_EVENTS                                                                              \
	(IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF |     \
	 IN_ATTRIB | IN_UNMOUNT)
#define FILE_EVENTS (IN_MODIFY | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT)

struct watched_folder {
	struct hash_node node; /* the key is the path ("" for "/"); this struct owns its text */
	struct watched_folder *parent;
	struct str name;     /* the name in the parent */
	struct list sibling; /* link in `folders` of the parent */
	struct list folders, files;
	/* Link in `folders` of the watched_id. If several paths lead to one folder, all of them
	 * have the same watch number. */
	struct list same_id;
	struct watched_id *id;
};

/* The folders and files that have the same watch number in the kernel. */
struct watched_id {
	struct hash_node node; /* the key is the bytes of the watch number */
	int number;
	struct list folders, files;
};

static struct hash folders, ids;
static void (*report)(struct file_watch *w);

/* ---- numbers */

static struct str key_of(const int *number)
{
	return (struct str){(const char *)number, sizeof(*number)};
}

static struct watched_id *id_find(int number)
{
	struct hash_node *node = hash_get(&ids, key_of(&number));

	return node != NULL ? CONTAINER_OF(node, struct watched_id, node) : NULL;
}

static struct watched_id *id_get(const char *path, uint32_t events)
{
	int number = watch_add(path, events | IN_MASK_ADD);
	struct watched_id *id = number >= 0 ? id_find(number) : NULL;

	if (number < 0 || id != NULL)
		return id;
	id = alloc_take(&alloc_main, sizeof(*id));
	if (id == NULL)
		return NULL;
	*id = (struct watched_id){.number = number};
	id->node.key = key_of(&id->number);
	list_init(&id->folders);
	list_init(&id->files);
	if (hash_add(&ids, &id->node) < 0) {
		alloc_give(&alloc_main, id, sizeof(*id));
		return NULL;
	}
	return id;
}

static void id_put(struct watched_id *id)
{
	if (!list_is_empty(&id->folders) || !list_is_empty(&id->files))
		return;
	watch_remove(id->number);
	hash_remove(&ids, &id->node);
	alloc_give(&alloc_main, id, sizeof(*id));
}

/* ---- folders */

static size_t folder_size(struct str path)
{
	return sizeof(struct watched_folder) + path.len + 1;
}

static void folder_put(struct watched_folder *f)
{
	while (f != NULL && list_is_empty(&f->folders) && list_is_empty(&f->files)) {
		struct watched_folder *parent = f->parent;

		if (parent != NULL)
			list_remove(&f->sibling);
		list_remove(&f->same_id);
		id_put(f->id);
		hash_remove(&folders, &f->node);
		alloc_give(&alloc_main, f, folder_size(f->node.key));
		f = parent;
	}
}

static struct str last_part(struct str path)
{
	const char *slash = memrchr(path.data, '/', path.len);

	return slash == NULL ? path : str_between(slash + 1, path.data + path.len);
}

static struct watched_folder *folder_create(struct watched_folder *parent, struct str path)
{
	struct watched_folder *f = alloc_take(&alloc_main, folder_size(path));
	char *text;

	if (f == NULL)
		return NULL;
	*f = (struct watched_folder){.parent = parent};
	text = (char *)(f + 1);
	*put_str(text, path) = '\0';
	f->node.key = (struct str){text, path.len};
	f->name = last_part(f->node.key);
	f->id = id_get(path.len > 0 ? text : "/", FOLDER_EVENTS | IN_ONLYDIR);
	if (f->id == NULL || hash_add(&folders, &f->node) < 0) {
		if (f->id != NULL)
			id_put(f->id);
		alloc_give(&alloc_main, f, folder_size(path));
		return NULL;
	}
	list_init(&f->folders);
	list_init(&f->files);
	list_add_last(&f->id->folders, &f->same_id);
	if (parent != NULL)
		list_add_last(&parent->folders, &f->sibling);
	return f;
}

/* Watches "/" first, then "/srv", then "/srv/www". In the opposite order, the server could miss
 * a change of an outer folder. */
static struct watched_folder *folder_get(struct str path)
{
	struct hash_node *found = hash_get(&folders, path);
	struct watched_folder *parent = NULL, *f;

	if (found != NULL)
		return CONTAINER_OF(found, struct watched_folder, node);
	if (path.len > 0) {
		struct str name = last_part(path);

		parent = folder_get((struct str){path.data, path.len - name.len - 1});
		if (parent == NULL)
			return NULL;
	}
	f = folder_create(parent, path);
	if (f == NULL)
		folder_put(parent);
	return f;
}

/* ---- files */

static int name_begin(struct watched_name *n, struct str path)
{
	struct str name = last_part(path);

	if (path.len == 0 || path.data[0] != '/')
		return -1;
	n->folder = folder_get((struct str){path.data, path.len - name.len - 1});
	if (n->folder == NULL)
		return -1;
	n->name = name;
	list_add_last(&n->folder->files, &n->link);
	return 0;
}

static void name_end(struct watched_name *n)
{
	if (n->folder == NULL)
		return;
	list_remove(&n->link);
	folder_put(n->folder);
	n->folder = NULL;
}

int file_watch_way(struct file_watch *w, struct str path)
{
	*w = (struct file_watch){.id = NULL};
	return name_begin(&w->written, path);
}

/* Returns true if the kernel reports changes of the file. The kernel does not report changes of
 * files on network file systems, or in folders such as /proc. */
static bool is_reported(int fd)
{
	static const unsigned long silent[] = {0x6969 /* nfs */,       0xff534d42 /* cifs */,
					       0xfe534d42 /* smb2 */,  0x65735546 /* fuse */,
					       0x01021997 /* 9p */,    0x9fa0 /* proc */,
					       0x62656572 /* sysfs */, 0x517b /* smb */,
					       0x00c36400 /* ceph */,  0x27e0eb /* cgroup */};
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return false;
	for (size_t i = 0; i < COUNT_OF(silent); i++)
		if ((unsigned long)fs.f_type == silent[i])
			return false;
	return true;
}

static int watch_real_path(struct file_watch *w, const char *link)
{
	char path[PATH_MAX];
	ssize_t len = readlink(link, path, sizeof(path));
	struct str real = {path, len > 0 ? (size_t)len : 0};
	struct watched_folder *f = w->written.folder;

	if (len <= 0 || (size_t)len == sizeof(path))
		return -1;
	if (real.len == f->node.key.len + 1 + w->written.name.len &&
	    str_starts(real, f->node.key) && str_ends(real, w->written.name))
		return 0;
	w->real_path = alloc_take(&alloc_main, real.len + 1);
	if (w->real_path == NULL)
		return -1;
	*put_str(w->real_path, real) = '\0';
	w->real.is_real = true;
	return name_begin(&w->real, (struct str){w->real_path, real.len});
}

int file_watch_inode(struct file_watch *w, int fd)
{
	char link[32];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (!is_reported(fd) || watch_real_path(w, link) < 0)
		return -1;
	w->id = id_get(link, FILE_EVENTS);
	if (w->id == NULL)
		return -1;
	list_add_last(&w->id->files, &w->link);
	return 0;
}

void file_watch_end(struct file_watch *w)
{
	if (w->id != NULL) {
		list_remove(&w->link);
		id_put(w->id);
		w->id = NULL;
	}
	name_end(&w->written);
	name_end(&w->real);
	if (w->real_path != NULL)
		alloc_give(&alloc_main, w->real_path, strlen(w->real_path) + 1);
	w->real_path = NULL;
}

/* ---- notices */

static void gone(struct file_watch *w)
{
	file_watch_end(w);
	report(w);
}

/* Returns the file_watch that contains this watched_name. If is_real is true, the watched_name
 * is the member `real` of the file_watch. Otherwise it is the member `written`. */
static struct file_watch *watch_of(struct list *link)
{
	struct watched_name *n = CONTAINER_OF(link, struct watched_name, link);
	struct file_watch *as_written = CONTAINER_OF(n, struct file_watch, written);
	struct file_watch *as_real = CONTAINER_OF(n, struct file_watch, real);

	return n->is_real ? as_real : as_written;
}

/* When a watch ends, its folder may be freed. So each call ends only one watch, and the caller
 * must start the search again. */
static bool drop_one_below(struct watched_folder *f)
{
	if (!list_is_empty(&f->files)) {
		gone(watch_of(f->files.next));
		return true;
	}
	return !list_is_empty(&f->folders) &&
	       drop_one_below(CONTAINER_OF(f->folders.next, struct watched_folder, sibling));
}

static bool drop_one_named(struct watched_folder *f, struct str name)
{
	LIST_EACH(link, &f->files) {
		if (str_equal(CONTAINER_OF(link, struct watched_name, link)->name, name)) {
			gone(watch_of(link));
			return true;
		}
	}
	LIST_EACH(link, &f->folders) {
		struct watched_folder *inner = CONTAINER_OF(link, struct watched_folder, sibling);

		if (str_equal(inner->name, name))
			return drop_one_below(inner);
	}
	return false;
}

static bool drop_one_of(struct watched_id *id, struct str name)
{
	if (name.len == 0 && !list_is_empty(&id->files)) {
		gone(CONTAINER_OF(id->files.next, struct file_watch, link));
		return true;
	}
	LIST_EACH(link, &id->folders) {
		struct watched_folder *f = CONTAINER_OF(link, struct watched_folder, same_id);

		if (name.len == 0 ? drop_one_below(f) : drop_one_named(f, name))
			return true;
	}
	return false;
}

static void drop_everything(void)
{
	static const struct str root = {"", 0};
	struct hash_node *node;

	while ((node = hash_get(&folders, root)) != NULL)
		drop_one_below(CONTAINER_OF(node, struct watched_folder, node));
}

static void on_notice(int number, uint32_t what, struct str name)
{
	struct watched_id *id;

	if (number < 0) {
		drop_everything();
		return;
	}
	/* IN_IGNORED means that this process removed the watch, or that the kernel has already
	 * reported why the watch ended. */
	if (what & IN_IGNORED)
		return;
	while ((id = id_find(number)) != NULL && drop_one_of(id, name))
		;
}

int file_watch_init(void (*on_change)(struct file_watch *w))
{
	report = on_change;
	hash_init(&folders);
	hash_init(&ids);
	return watch_init(on_notice);
}

void file_watch_fini(void)
{
	drop_everything();
	watch_fini();
	hash_fini(&folders);
	hash_fini(&ids);
}
