/*
 * cache_file: the files of a cache: opened and checked, written, removed.
 *
 *     levels=1:2    FOLDER/c/29/b7f54b2df7773722d382f4809d65029c
 *
 * The name is the MD5 of the key. A file is written beside its place, under its name with ".PID.N"
 * behind it, and its head comes last; then rename puts it into its place, whole. With
 * use_temp_path it is written in another folder. If that is on another disk, rename cannot move
 * it: it is copied beside its place, and renamed then. A process
 * that is killed before leaves a file that is never looked at, and that the manager removes. An
 * answer that is being sent from a file goes on when that file is replaced or removed: its
 * descriptor is open.
 *
 * Nothing is synced: after a loss of power a file may be missing, or its bytes. A missing head or
 * a wrong size is noticed.
 */
#ifndef CACHE_CACHE_FILE_H
#define CACHE_CACHE_FILE_H

#include "http/file/open_file.h"
#include "io/temp_file.h"
#include "modules/cache/files/index.h"
#include "modules/cache/files/stored.h"

/* The name of a key, or of one of its variants. */
struct cache_name cache_file_name(struct str key);
struct cache_name cache_file_variant_name(const struct stored *first,
					  const unsigned char variant[MD5_SIZE]);

/* The path, with a NUL behind it; data NULL: no memory. */
struct str cache_file_path(struct pool *p, const struct temp_folder *folder,
			   const struct cache_name *name);

/* Reads the name of a file in the folder; false: it is not a file of this cache. */
bool cache_file_parse_name(struct str file, struct cache_name *name);
/* Reads ".PID.N" behind a name: the pid of the process that writes it; 0: it is not such a
 * name. */
pid_t cache_file_parse_writer(struct str file);

/* A head that was checked once, and is used as long as its file is kept open. */
struct kept_head {
	struct stored head;
	struct pool *pool; /* this is in it */
	void *sent;        /* for send.c */
};

struct cached_file {
	const struct stored *head;
	struct open_file *file; /* held until the request ends */
	struct kept_head *kept; /* NULL: the head is read for this request alone */
};

/* False: there is no file, it is damaged, or it has another key. Open files are kept for the
 * next request, with their heads, and the kernel reports when one is replaced or removed
 * (http/file/open_file.h). */
bool cache_file_find(struct request *r, const struct temp_folder *folder,
		     const struct cache_name *name, struct str key, struct cached_file *f);

void cache_file_remove(struct pool *p, const struct temp_folder *folder,
		       const struct cache_name *name);

/* A file that is being written. If it is not in its place when the pool ends, it is removed. */
struct writing {
	int fd; /* -1: not open, or an error has stopped it */
	int error;
	struct str temporary, path, beside;
	size_t folder_len; /* of the cache's folder, at the beginning of `path` */
	int64_t at;        /* how many bytes of the body are written */
	struct stored head;
};

/* w->head must be filled in, except body_at and body_size. `aside`: where it is written; NULL:
 * beside its place. -1: errno says why. */
int cache_file_begin(struct writing *w, struct pool *p, const struct temp_folder *folder,
		     const struct temp_folder *aside, const struct cache_name *name);
void cache_file_add(struct writing *w, struct str bytes);
/* Copies the body of another file of the cache. */
void cache_file_add_body(struct writing *w, const struct cached_file *f);
/* Moves the file into its place. Returns its size on the disk, or -1: errno says why. */
int64_t cache_file_end(struct writing *w);
void cache_file_drop(struct writing *w);

#endif
