/*
 * cache_file: opens, checks, writes and removes the files of a cache.
 *
 *     levels=1:2    FOLDER/c/29/b7f54b2df7773722d382f4809d65029c
 *
 * The name of a file is the MD5 of its key. A new file is written under its name with ".PID.N"
 * after it. The head is written last. Then rename gives the file its final name, so no process
 * sees an incomplete file. With use_temp_path, the file is written in another folder. If this
 * folder is on another disk, rename cannot move the file; then the file is copied to the disk
 * of the cache and renamed there.
 *
 * A process that is killed before the rename leaves an incomplete file. No request uses this
 * file, and the manager removes it. While an answer is sent, its file may be replaced or
 * removed. This does no harm, because the descriptor is open.
 *
 * The files are not synced. After a loss of power, a file or some of its bytes may be missing.
 * The cache notices a missing head and a wrong size.
 */
#ifndef CACHE_CACHE_FILE_H
#define CACHE_CACHE_FILE_H

#include "http/file/open_file.h"
#include "io/temp_file.h"
#include "modules/cache/files/index.h"
#include "modules/cache/files/stored.h"

/* The name of a key's first file, and the name of a variant's file. */
struct cache_name cache_file_name(struct str key);
struct cache_name cache_file_variant_name(const struct stored *first,
					  const unsigned char variant[MD5_SIZE]);

/* Returns the path, with a NUL after it. Returns data NULL when there is no memory. */
struct str cache_file_path(struct pool *p, const struct temp_folder *folder,
			   const struct cache_name *name);

/* Reads the name of a file in the folder. Returns false when the file does not belong to the
 * cache. */
bool cache_file_parse_name(struct str file, struct cache_name *name);
/* Reads the name of an incomplete file, with ".PID.N" at its end. Returns the pid of the
 * process that writes it, or 0 when the name has another form. */
pid_t cache_file_parse_writer(struct str file);

/* A head that was checked once. It is used as long as its file is kept open. */
struct kept_head {
	struct stored head;
	struct pool *pool; /* the pool that contains this struct */
	void *sent;        /* struct gate_memory, for send.c */
};

struct cached_file {
	const struct stored *head;
	struct open_file *file; /* held until the request ends */
	struct kept_head *kept; /* NULL means that the head was read only for this request */
};

/* Finds and checks the file of a key. Returns false when there is no file, when the file is
 * damaged, or when it has another key. Open files and their heads are kept for the next
 * request. The kernel reports when such a file is replaced or removed
 * (http/file/open_file.h). */
bool cache_file_find(struct request *r, const struct temp_folder *folder,
		     const struct cache_name *name, struct str key, struct cached_file *f);

void cache_file_remove(struct pool *p, const struct temp_folder *folder,
		       const struct cache_name *name);

/* A file that is being written. If the file has no final name when the pool is destroyed, it is
 * removed. */
struct writing {
	int fd; /* -1 means that the file is not open, or that an error has ended the writing */
	int error;
	struct str temporary, path, beside;
	size_t folder_len; /* the length of the cache's folder at the start of `path` */
	int64_t at;        /* how many bytes of the body are written */
	struct stored head;
};

/* Fill in w->head before the call, except body_at and body_size. `aside` is the folder for
 * writing; NULL means that the file is written in the cache's folder. Returns -1 on failure;
 * errno says why. */
int cache_file_begin(struct writing *w, struct pool *p, const struct temp_folder *folder,
		     const struct temp_folder *aside, const struct cache_name *name);
void cache_file_add(struct writing *w, struct str bytes);
/* Copies the body of another file of the cache. */
void cache_file_add_body(struct writing *w, const struct cached_file *f);
/* Gives the file its final name. Returns its size on the disk. Returns -1 on failure; errno
 * says why. */
int64_t cache_file_end(struct writing *w);
void cache_file_drop(struct writing *w);

#endif
