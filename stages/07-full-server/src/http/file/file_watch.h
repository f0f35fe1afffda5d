/*
 * file_watch: reports when a file, or a folder on the path to it, changes.
 *
 * A path leads to other content when the bytes of the file change, when another file is renamed
 * to this path, and when one of the folders is renamed. So the server watches the file itself,
 * and each folder from "/" down. The folders form a tree that all files share:
 *
 *     /  --- srv --- www --- index.html, style.css
 *                 `- img --- logo.png
 *
 * A notice may contain a name in a folder. It concerns the file with this name, or everything
 * inside the folder with this name. A notice about a folder itself concerns everything inside
 * the folder. If a path contains symbolic links, both the path as written and the real path are
 * watched.
 */
#ifndef HTTP_FILE_WATCH_H
#define HTTP_FILE_WATCH_H

#include "base/list.h"
#include "base/str.h"

struct watched_folder;
struct watched_id;

/* The name of a file in a folder. */
struct watched_name {
	struct list link; /* link in `files` of the folder */
	struct watched_folder *folder;
	struct str name;
	/* true if this struct is `real` of a file_watch, and false if it is `written` */
	bool is_real;
};

struct file_watch {
	/* `real` is used only if the real path differs from the written path */
	struct watched_name written, real;
	struct list link; /* link among the files with the same inode */
	struct watched_id *id;
	char *real_path; /* owned by this struct */
};

/* on_change is called for each file that may have changed. The watch of the file ends before
 * this call. */
int file_watch_init(void (*on_change)(struct file_watch *w));
void file_watch_fini(void);

/*
 * Call file_watch_way, then open the file, then call file_watch_inode. In this order no change
 * is missed. Both functions return -1 if the kernel cannot watch. file_watch_end ends both
 * watches, even if only one of them was set.
 */
int file_watch_way(struct file_watch *w, struct str path);
int file_watch_inode(struct file_watch *w, int fd);
void file_watch_end(struct file_watch *w);

#endif
