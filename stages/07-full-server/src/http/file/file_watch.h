/*
 * file_watch: reports when a file, or a folder on the path to it, changes.
 *
 * A path leads to another file when the bytes change, when another file is renamed over it,
 * and when one of its folders is renamed. So the file itself is watched, and each folder from
 * "/" down. The folders form a tree of their own, shared by all files below them:
 *
 *     /  --- srv --- www --- index.html, style.css
 *                 `- img --- logo.png
 *
 * A notice about a name in a folder concerns that file, or all that is below
 * that folder; a notice about a folder itself, all that is below it. Symbolic
 * links: the real path is watched as well as the written one.
 */
#ifndef HTTP_FILE_WATCH_H
#define HTTP_FILE_WATCH_H

#include "base/list.h"
#include "base/str.h"

struct watched_folder;
struct watched_id;

/* One path to a file: its name in a folder. */
struct watched_name {
	struct list link; /* in the folder */
	struct watched_folder *folder;
	struct str name;
	bool is_real; /* true: it is `real` of its file_watch, not `written` */
};

struct file_watch {
	struct watched_name written, real; /* `real` is used only if it differs */
	struct list link;                  /* its link among the files that have the same inode */
	struct watched_id *id;
	char *real_path; /* owned */
};

/* on_change is called after the watch has ended. */
int file_watch_init(void (*on_change)(struct file_watch *w));
void file_watch_fini(void);

/*
 * Watch the path first, then open the file, then watch the file: so no change in between is
 * missed. -1: it cannot be watched. file_watch_end ends both watches, also if only one was
 * made.
 */
int file_watch_way(struct file_watch *w, struct str path);
int file_watch_inode(struct file_watch *w, int fd);
void file_watch_end(struct file_watch *w);

#endif
